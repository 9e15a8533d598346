import { PrumergeError } from "../errors.js";
import type { Picture } from "../image/picture.js";
import { beyond, checkFrame, checkTaken, type VideoLimits } from "./limits.js";
import { chooseFrames, type FrameSampling } from "./sampling.js";
import type { VideoFrames } from "./video.js";

/** Decodes a picture in the way of the platform, within limits. */
export type DecodeWithin<Source> = (
  picture: Source,
  limits: { readonly maxBytes: number; readonly maxPixels: number; readonly signal?: AbortSignal },
) => Promise<Picture>;

/**
 * Frames of pictures in the order of time; only those that are taken are decoded, and all have one size.
 *
 * @throws PrumergeError INVALID_VIDEO for none at all, and for pictures of several sizes; LIMIT_EXCEEDED; what decoding throws
 */
export async function readPictures<Source>(
  pictures: readonly Source[],
  decode: DecodeWithin<Source>,
  where: string,
  sampling: FrameSampling,
  limits: VideoLimits,
  signal?: AbortSignal,
): Promise<VideoFrames> {
  const total = pictures.length;
  if (total === 0) {
    throw new PrumergeError("INVALID_VIDEO", "a video without a frame", {
      where,
      expected: "at least one picture",
      found: "none",
    });
  }
  if (total > limits.maxFrames)
    throw beyond("a video has too many frames", where, `at most ${limits.maxFrames}`, String(total));
  const indices = chooseFrames(sampling, { total });
  const decoded = new Map<number, Picture>();
  const count = new Set(indices).size;
  for (const index of indices) {
    if (decoded.has(index)) continue;
    const picture = await decode(pictures[index], {
      maxBytes: limits.maxBytes,
      maxPixels: Math.floor(limits.maxPixels),
      ...(signal && { signal }),
    });
    checkFrame(picture.width, picture.height, limits, where);
    checkTaken(count, picture.width, picture.height, limits, where);
    refuseOtherSize(picture, decoded.get(indices[0]) ?? picture, `${where}, picture ${index + 1}`);
    decoded.set(index, picture);
  }
  return { frames: indices.map((index) => decoded.get(index)!), indices, total, notes: [] };
}

function refuseOtherSize(picture: Picture, first: Picture, where: string): void {
  if (picture.width === first.width && picture.height === first.height) return;
  throw new PrumergeError("INVALID_VIDEO", "a video whose pictures are not of one size", {
    where,
    expected: `${first.width} x ${first.height}, as the first`,
    found: `${picture.width} x ${picture.height}`,
  });
}
