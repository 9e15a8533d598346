import { PrumergeError } from "../../errors.js";
import type { Picture } from "../../image/picture.js";
import { checkCount, checkFrame, checkSeconds, checkTaken, type VideoLimits } from "../../video/limits.js";
import { chooseFrames, type FrameSampling } from "../../video/sampling.js";
import type { VideoFrames } from "../../video/video.js";
import type { Deadline } from "./deadline.js";
import { readOnWhite, visibleSize } from "./frame-picture.js";

/** An animation and what it may cost. */
interface Given {
  readonly limits: VideoLimits;
  readonly where: string;
  readonly deadline: Deadline;
}

/**
 * Frames of an animated GIF, WebP or PNG, by the browser's own decoder.
 *
 * @param type such as `image/gif`
 * @throws PrumergeError INVALID_IMAGE for what is damaged, RUNTIME where the browser takes no animations apart; LIMIT_EXCEEDED,
 *   ABORTED; INVALID_OPTION of the sampling
 */
export async function readAnimation(
  file: Blob,
  type: string,
  sampling: FrameSampling,
  given: Given,
): Promise<VideoFrames> {
  const { limits, where, deadline } = given;
  const decoder = await openDecoder(file, type, where);
  const close = () => decoder.close();
  deadline.signal.addEventListener("abort", close, { once: true });
  try {
    await decoder.tracks.ready;
    await decoder.completed;
    const total = decoder.tracks.selectedTrack?.frameCount ?? 0;
    checkCount(total, limits, where);
    const starts = await readStarts(decoder, total, given);
    const length = (starts.at(-1) ?? 0) - (starts[0] ?? 0);
    const rate = length > 0 ? (total - 1) / length : undefined;
    const indices = chooseFrames(sampling, { total, ...(rate !== undefined && { rate }) });
    const count = new Set(indices).size;
    const taken = new Map<number, Picture>();
    for (const index of indices) {
      if (taken.has(index)) continue;
      const picture = await withFrame(decoder, index, given, (frame) => {
        const { width, height } = visibleSize(frame);
        checkTaken(count, width, height, limits, where);
        return readOnWhite(frame);
      });
      taken.set(index, picture);
    }
    const frames = indices.map((index) => taken.get(index)!);
    return { frames, indices, seconds: indices.map((index) => starts[index]!), total, notes: [] };
  } catch (cause) {
    deadline.check();
    if (PrumergeError.isInstance(cause)) throw cause;
    throw new PrumergeError("INVALID_IMAGE", "an animation is damaged, or not read by this browser", {
      where,
      found: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  } finally {
    deadline.signal.removeEventListener("abort", close);
    close();
  }
}

async function openDecoder(file: Blob, type: string, where: string): Promise<ImageDecoder> {
  if (typeof ImageDecoder === "undefined" || !(await ImageDecoder.isTypeSupported(type))) {
    throw new PrumergeError("RUNTIME", "this browser does not take animations apart", {
      where,
      expected: `ImageDecoder with ${type}`,
      found: typeof ImageDecoder === "undefined" ? "no ImageDecoder" : "another kind",
      help: "Hand in the frames as a list of pictures, or a video file.",
    });
  }
  return new ImageDecoder({
    type,
    data: await file.arrayBuffer(),
    colorSpaceConversion: "none",
    preferAnimation: true,
  });
}

/** When each frame begins, seconds; nothing but decoding says it. */
async function readStarts(decoder: ImageDecoder, total: number, given: Given): Promise<number[]> {
  const { limits, where } = given;
  const starts: number[] = [];
  let passed = 0;
  for (let index = 0; index < total; index++) {
    starts.push(passed);
    checkSeconds(passed, limits, where);
    passed += await withFrame(decoder, index, given, (frame) => (frame.duration ?? 0) / 1e6);
  }
  return starts;
}

async function withFrame<Result>(
  decoder: ImageDecoder,
  frameIndex: number,
  { limits, where, deadline }: Given,
  use: (frame: VideoFrame) => Result | Promise<Result>,
): Promise<Result> {
  deadline.check();
  const { image } = await decoder.decode({ frameIndex });
  try {
    const { width, height } = visibleSize(image);
    checkFrame(width, height, limits, where);
    return await use(image);
  } finally {
    image.close();
  }
}
