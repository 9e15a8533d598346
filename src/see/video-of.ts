import { PrumergeError } from "../errors.js";
import type { RunFamily } from "../families/family.js";
import type { VideoDoor } from "../families/video-door.js";
import type { PixelValues } from "../image/index.js";
import type { ModelSpec } from "../models/spec.js";

/**
 * How a model watches these frames; undefined for a still picture.
 *
 * @throws PrumergeError INVALID_OPTION for a video where the family takes none, and for another number of frames than its
 *   tower takes
 */
export function videoOf(family: RunFamily, { frames }: PixelValues, spec: ModelSpec): VideoDoor | undefined {
  if (frames === undefined) return undefined;
  const door = doorOf(family, spec);
  checkCount(door, frames);
  return door;
}

/**
 * How a model watches a video.
 *
 * @throws PrumergeError INVALID_OPTION where its family takes none
 */
export function doorOf(family: RunFamily, spec: ModelSpec): VideoDoor {
  const door = family.video?.(spec);
  if (door === undefined) {
    throw new PrumergeError("INVALID_OPTION", "this model is shown no video", {
      where: "frames",
      expected: "a picture, or a model of a family that takes frames",
      found: spec.family,
    });
  }
  return door;
}

/** @throws PrumergeError INVALID_OPTION for another number of frames than a tower takes */
export function checkCount(door: VideoDoor, frames: number): void {
  const { count } = door.sampling;
  if (door.fixed !== true || frames === count) return;
  throw new PrumergeError("INVALID_OPTION", "this model's tower takes another number of frames at once", {
    where: "frames",
    expected: String(count),
    found: String(frames),
  });
}
