import type { PixelValues } from "../../image/picture.js";
import type { ModelSpec } from "../../models/spec.js";
import { plainArrangement } from "../../reduce/arrangement.js";
import { oneHotRows } from "../../reduce/one-hot.js";
import type { Sites } from "../../reduce/sites.js";
import { patchRegions } from "../patch-regions.js";

/** How families run that take one square of a picture: its patches in raster order, and nothing between them. */
export const oneSquare = {
  tiles: false,
  sites: (pixels: PixelValues, { vision }: ModelSpec) => patchRegions(pixels, vision),
  arrange: ({ count }: Sites) =>
    plainArrangement(
      oneHotRows(
        count,
        Int32Array.from({ length: count }, (_, patch) => patch),
      ),
    ),
} as const;
