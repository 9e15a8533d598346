import type { RunFamily } from "../family.js";
import { type LlavaSpec, llavaSchema } from "./spec.js";

/** LLaVA-1.5, with CLIP or SigLIP. */
export const llava: RunFamily<LlavaSpec> = { name: "llava", schema: llavaSchema };
