import { plainArrangement } from "../../reduce/arrangement.js";
import { oneHotRows } from "../../reduce/one-hot.js";
import type { RunFamily } from "../family.js";
import { patchRegions } from "../patch-regions.js";
import { type LlavaSpec, llavaSchema } from "./spec.js";

/** LLaVA-1.5, with CLIP or SigLIP: one square of a picture, its patches in raster order. */
export const llava: RunFamily<LlavaSpec> = {
  name: "llava",
  schema: llavaSchema,
  sites: (pixels, { vision }) => patchRegions(pixels, vision),
  arrange: ({ count }) =>
    plainArrangement(
      oneHotRows(
        count,
        Int32Array.from({ length: count }, (_, patch) => patch),
      ),
    ),
};
