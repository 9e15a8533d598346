import { PrumergeError } from "../errors.js";
import type { PreprocessSpec } from "../image/preprocess-spec.js";
import { type ModelSpec, smallestSide } from "./spec.js";

/** @throws PrumergeError INVALID_FILE where pictures are made ready for a tower of another size */
export function checkTowerSize({ size }: PreprocessSpec, { vision }: ModelSpec): void {
  if (size === smallestSide(vision)) return;
  throw new PrumergeError(
    "INVALID_FILE",
    "image processor and vision tower disagree about the picture's size",
    {
      expected: `${smallestSide(vision)} pixels`,
      found: `${size} pixels`,
      where: "preprocessor_config.json",
    },
  );
}
