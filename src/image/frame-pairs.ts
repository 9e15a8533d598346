import { PrumergeError } from "../errors.js";
import { framesTogether } from "./native-video-size.js";
import type { Picture, PixelValues, View } from "./picture.js";
import { nativeView } from "./preprocess.js";
import type { PreprocessSpec } from "./preprocess-spec.js";
import { checkPicture } from "./raw-picture.js";

type Size = { readonly width: number; readonly height: number };

/** When frames are shown, seconds from the beginning of the video, and the rate at which they were taken of it. */
export interface FrameTimes {
  readonly seconds: readonly number[];
  /** Frames for each second of the video. */
  readonly rate: number;
}

/**
 * Makes the input of Qwen-VL's towers from frames of a video, a view of every two, the last one twice where it is alone; resized as
 * torchvision does, which transformers' video processors alone use.
 *
 * @param frames at least one, of one size, in their order
 * @param sizeOf what frames of a size become
 * @throws PrumergeError INVALID_OPTION without a frame, and for frames of several sizes; INVALID_IMAGE for a malformed one
 */
export function preprocessFramePairs(
  frames: readonly Picture[],
  spec: PreprocessSpec,
  sizeOf: (frames: number, width: number, height: number) => Size,
  { seconds, rate }: FrameTimes,
): PixelValues {
  const [first] = frames;
  if (first === undefined) throw refusal("at least one picture", "none");
  for (const frame of frames) {
    checkPicture(frame);
    if (frame.width !== first.width || frame.height !== first.height)
      throw refusal(sizeText(first), sizeText(frame));
  }
  const even = [...frames, ...(frames.length % framesTogether === 0 ? [] : [frames.at(-1)!])];
  const size = sizeOf(frames.length, first.width, first.height);
  const shown = { ...spec, resampler: "torchvision" } as const;
  const views: View[] = [];
  const times: number[] = [];
  for (let frame = 0; frame < even.length; frame += framesTogether) {
    const [own, next] = even.slice(frame, frame + framesTogether) as [Picture, Picture];
    const { data } = nativeView(next, shown, size);
    views.push({ ...nativeView(own, shown, size), frame, following: [data] });
    times.push((seconds[frame]! + (seconds[frame + 1] ?? seconds[frame]!)) / 2);
  }
  const { width, height } = first;
  return {
    views,
    picture: { width, height },
    frames: frames.length,
    times: { seconds: times, step: framesTogether / rate },
  };
}

const sizeText = ({ width, height }: Size) => `${width} x ${height}`;

function refusal(expected: string, found: string): PrumergeError {
  return new PrumergeError("INVALID_OPTION", "these are no frames of a video", {
    where: "frames",
    expected,
    found,
  });
}
