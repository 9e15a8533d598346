import { exportedSquares } from "../export-door.js";
import type { RunFamily } from "../family.js";
import { oneSquare } from "../parts/one-square.js";
import { type LlavaSpec, llavaSchema } from "./spec.js";

/** LLaVA-1.5, with CLIP or SigLIP. */
export const llava: RunFamily<LlavaSpec> = {
  name: "llava",
  schema: llavaSchema,
  ...oneSquare,
  exported: exportedSquares,
};
