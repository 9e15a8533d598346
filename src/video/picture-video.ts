import { PrumergeError } from "../errors.js";
import { decodePicture, type PictureSource } from "../image/decode.js";
import type { Picture } from "../image/picture.js";
import { beyond, checkFrame, checkTaken, type VideoLimits } from "./limits.js";
import { chooseFrames, type FrameSampling } from "./sampling.js";
import type { VideoFrames } from "./video.js";

/**
 * Frames of pictures in the order of time; only those that are taken are decoded, and all have one size.
 *
 * @param seconds when each is shown; left out where nothing says it
 * @throws PrumergeError INVALID_VIDEO for none at all, and for pictures of several sizes; LIMIT_EXCEEDED; of {@link decodePicture}
 */
export async function readPictures(
  pictures: readonly PictureSource[],
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
    const picture = await decodePicture(pictures[index], {
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
