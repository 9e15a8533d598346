import { PrumergeError } from "../errors.js";
import { openAnimation } from "../image/animation.js";
import type { Picture } from "../image/picture.js";
import { beyond, checkFrame, checkTaken, type VideoLimits } from "./limits.js";
import { chooseFrames, type FrameSampling } from "./sampling.js";
import type { VideoFrames } from "./video.js";

/**
 * Frames of an animated GIF or WebP.
 *
 * @throws PrumergeError INVALID_IMAGE, LIMIT_EXCEEDED, ABORTED; INVALID_OPTION of the sampling
 */
export async function readAnimation(
  path: string,
  where: string,
  sampling: FrameSampling,
  limits: VideoLimits,
  signal?: AbortSignal,
): Promise<VideoFrames> {
  const { frames: total, width, height, delays, frame } = await openAnimation(path, where);
  checkFrame(width, height, limits, where);
  if (total > limits.maxFrames)
    throw beyond("an animation has too many frames", where, `at most ${limits.maxFrames}`, String(total));
  const starts = delays && startsOf(delays);
  const length = starts?.[total - 1];
  if (length !== undefined && length > limits.maxSeconds)
    throw beyond("an animation is too long", where, `at most ${limits.maxSeconds} s`, `${length} s`);
  const rate = length ? (total - 1) / length : undefined;
  const indices = chooseFrames(sampling, { total, ...(rate !== undefined && { rate }) });
  const wanted = new Map<number, Picture>();
  checkTaken(new Set(indices).size, width, height, limits, where);
  for (const index of indices) {
    if (signal?.aborted)
      throw new PrumergeError("ABORTED", "reading a video was aborted", { cause: signal.reason });
    if (!wanted.has(index)) wanted.set(index, await frame(index));
  }
  return {
    frames: indices.map((index) => wanted.get(index)!),
    indices,
    ...(starts && { seconds: indices.map((index) => starts[index]) }),
    total,
    notes: [],
  };
}

/** When frames begin, seconds, by how long each is shown, milliseconds. */
function startsOf(delays: readonly number[]): number[] {
  let passed = 0;
  return delays.map((delay) => {
    const start = passed / 1000;
    passed += delay;
    return start;
  });
}
