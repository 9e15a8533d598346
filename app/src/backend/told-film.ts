import type { VisualTokensAnswer } from "prumerge/api";
import { readsQuestion } from "prumerge/reduce";
import { reductionField } from "../parts/commands.js";
import { afterPause } from "./after-pause.js";
import type { DataUrls } from "./data-url.js";
import { type FrameFile, frameOf } from "./frame-urls.js";
import { request } from "./http-client.js";
import type { ModelInfo, SeenClip, Showing } from "./model-backend.js";
import { questionWanted } from "./question-wanted.js";
import { reducerOf } from "./reducer-of.js";
import { readFrame } from "./told-inspection.js";
import { wayField } from "./way-field.js";

/** An answer with what is kept of each frame. */
type Told = VisualTokensAnswer & Required<Pick<VisualTokensAnswer, "film">>;

/** A video: the server decodes it, and is asked what each reduction makes of it; its frames are sent once. */
export function clipToldBy(
  urls: DataUrls,
  { picture, name, way, question }: Showing,
  { keyValueBytesPerToken: bytes }: Pick<ModelInfo, "keyValueBytesPerToken">,
  pause: number,
): SeenClip {
  let files: readonly FrameFile[] | undefined;
  return {
    async film(reduction, signal) {
      const asks = readsQuestion(reducerOf(reduction));
      if (asks && question === undefined) throw questionWanted(reduction);
      if (files !== undefined) await afterPause(pause, signal);
      const body = {
        video_url: { url: await urls.get(picture) },
        prumerge: { ...reductionField(reduction), ...wayField(way) },
        embeddings: false,
        inspect: true,
        frame_pictures: files === undefined,
        ...(asks && { question }),
      };
      const told: Told = await (await request("v1/visual-tokens", { body, signal })).json();
      const { visual_tokens: rows, unreduced_tokens: all, video } = told.picture;
      const shown = files ?? told.film.frames.map((frame) => frameOf(frame.picture!));
      files = shown;
      return {
        frames: told.film.frames.map((frame, at) => ({
          frame: frame.frame,
          ...(frame.seconds !== undefined && { seconds: frame.seconds }),
          borrowed: frame.merged_from_other_frames,
          inspection: readFrame(frame, name),
          ...shown[at]!,
        })),
        statistics: {
          visualTokens: rows,
          unreducedTokens: all,
          keyValueBytes: rows * bytes,
          unreducedKeyValueBytes: all * bytes,
        },
        notes: video?.notes ?? [],
      };
    },
  };
}
