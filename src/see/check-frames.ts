import { PrumergeError } from "../errors.js";
import type { RunFamily } from "../families/family.js";
import type { PixelValues } from "../image/index.js";
import type { ModelSpec } from "../models/spec.js";

/**
 * Refuses frames that a model does not take.
 *
 * @throws PrumergeError INVALID_OPTION for a video where the family takes none, and for another number of frames than its
 *   tower takes
 */
export function checkFrames(family: RunFamily, { frames }: PixelValues, spec: ModelSpec): void {
  if (frames === undefined) return;
  const door = family.video?.(spec);
  if (door === undefined) {
    throw new PrumergeError("INVALID_OPTION", "this model is shown no video", {
      where: "frames",
      expected: "a picture, or a model of a family that takes frames",
      found: spec.family,
    });
  }
  const { count } = door.sampling;
  if (door.fixed !== true || frames === count) return;
  throw new PrumergeError("INVALID_OPTION", "this model's tower takes another number of frames at once", {
    where: "frames",
    expected: String(count),
    found: String(frames),
  });
}
