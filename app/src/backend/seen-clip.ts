import {
  type BrowserModel,
  noReduction,
  openVideo,
  RememberedSight,
  readsQuestion,
  rememberVideo,
} from "prumerge/browser";
import { inspectVideo } from "prumerge/drawing";
import { frameFile } from "./frame-urls.js";
import type { SeenClip, Showing } from "./model-backend.js";
import { questionWanted } from "./question-wanted.js";
import { reducerOf } from "./reducer-of.js";

/** A video, decoded once and run through the tower once; every reduction is planned on what that gave. */
export async function seeClip(
  model: BrowserModel,
  { picture, name, way, question, signal }: Showing,
): Promise<SeenClip> {
  const video = rememberVideo(openVideo(picture, { name }));
  const sight = new RememberedSight();
  const pixels = await model.prepare(video, { ...way, signal });
  const asked = question === undefined ? {} : { question };
  const { video: watched } = await model.see(video, noReduction(), { ...way, ...asked, signal });
  const { frames } = await video.take(watched!.sampling, { signal });
  const files = await Promise.all(frames.map(frameFile));
  return {
    async film(reduction, until) {
      const reducer = reducerOf(reduction);
      if (readsQuestion(reducer) && question === undefined) throw questionWanted(reduction);
      const seen = await model.see(pixels, reducer, { ...asked, sight, signals: true, signal: until });
      const film = inspectVideo(frames, { ...seen, video: watched! }, name);
      return {
        frames: film.frames.map((frame, at) => ({
          ...frame,
          ...files[seen.sites.regions[at]!.frame]!,
          inspection: { ...frame.inspection, name },
        })),
        statistics: seen.statistics,
        notes: film.notes,
      };
    },
  };
}
