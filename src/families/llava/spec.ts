import { z } from "zod";
import { modelParts } from "../../models/part-schemas.js";

/** {@link LlavaSpec} as it stands in `prumerge.json`. */
export const llavaSchema = z.strictObject({ family: z.literal("llava"), ...modelParts }).readonly();

/** LLaVA-1.5 and what is built like it: one square picture, a tower, a two-layer projector, a language model. */
export type LlavaSpec = z.infer<typeof llavaSchema>;
