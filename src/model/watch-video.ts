import { runFamily } from "../families/run-registry.js";
import type { PixelValues, PreprocessSpec } from "../image/index.js";
import { checkShown } from "../image/preprocess.js";
import type { Aspect } from "../image/preprocess-spec.js";
import type { ModelSpec } from "../models/spec.js";
import { areaOf, type PictureWay } from "../see/choose-aspect.js";
import { checkCount, doorOf } from "../see/video-of.js";
import type { WatchedVideo } from "../see/visual-tokens.js";
import type { FrameSampling } from "../video/sampling.js";
import { isVideo, type Video } from "../video/video.js";
import type { SourceReader } from "./picture-input.js";
import type { SeeOptions } from "./see-options.js";

/** A tower's input, and of a video what was taken of it. */
export interface Watched {
  readonly pixels: PixelValues;
  readonly watched?: WatchedVideo;
}

/** What of a model says how it is shown things. */
interface Shown {
  readonly spec: ModelSpec;
  readonly preprocessing: PreprocessSpec;
  imageAspectFor(way: PictureWay): Aspect | undefined;
}

/**
 * A picture, or the frames of a video, as a model's tower takes them.
 *
 * @param number which of several pictures it is, from 1, for messages
 */
export async function lookAt<Source>(
  image: Source | Video,
  model: Shown,
  read: SourceReader<Source>,
  options: SeeOptions,
  number?: number,
): Promise<Watched> {
  const { sampling, signal } = options;
  const asked = { frames: sampling !== undefined, ...(signal && { signal }) };
  const video = isVideo(image) ? image : await read.video?.(image, asked);
  if (video !== undefined) return watchVideo(video, model, areaOf(options), sampling, signal);
  const aspect = model.imageAspectFor(options);
  const way = {
    shown: { ...areaOf(options), ...(aspect !== undefined && { aspect }) },
    ...(signal && { signal }),
    ...(number !== undefined && { number }),
  };
  return { pixels: await read.pixels(image as Source, model.preprocessing, way) };
}

/**
 * Takes the frames of a video that a model is shown, in the way of its own program where nothing else is asked for.
 *
 * @throws PrumergeError INVALID_OPTION where the model is shown no video, or takes another number of frames; what reading throws
 */
async function watchVideo(
  video: Video,
  { spec, preprocessing }: Shown,
  area: Pick<PictureWay, "minPixels" | "maxPixels">,
  wish: Partial<FrameSampling> = {},
  signal?: AbortSignal,
): Promise<Watched> {
  const door = doorOf(runFamily(spec), spec);
  checkShown(preprocessing, area);
  const sampling = samplingOf(ownSampling(door.sampling, preprocessing), wish);
  checkCount(door, sampling.count);
  const { frames, ...taken } = await video.take(sampling, { ...(signal && { signal }) });
  checkCount(door, frames.length);
  return { pixels: door.show(frames, preprocessing, taken, area), watched: { ...taken, sampling } };
}

/** Which frames a model is shown where nothing else is asked for: what its video processor says goes before its family's usual. */
export function ownSampling(usual: FrameSampling, { videos }: Pick<PreprocessSpec, "videos">): FrameSampling {
  const { most, ...said } = videos?.frames ?? {};
  const own = samplingOf(usual, said);
  return most === undefined || said.count !== undefined ? own : { ...own, count: most };
}

/** A number of frames that is asked for stands in the place of the model's own frames per second, and is not the most of them. */
function samplingOf(own: FrameSampling, wish: Partial<FrameSampling>): FrameSampling {
  if (wish.count === undefined || wish.fps !== undefined) return { ...own, ...wish };
  const { fps: _, minimum: __, ...fixed } = own;
  return { ...fixed, ...wish };
}
