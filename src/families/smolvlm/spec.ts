import { z } from "zod";
import { modelParts } from "../../models/part-schemas.js";

const { projector: _, ...parts } = modelParts;

/** {@link SmolVlmSpec} as it stands in `prumerge.json`. */
export const smolVlmSchema = z
  .strictObject({ family: z.literal("smolvlm"), ...parts, blockSide: z.int().positive() })
  .readonly();

/**
 * SmolVLM and Idefics3: a picture's tiles and the whole of it, each seen by SigLIP's tower, whose patches become a visual
 * token for each square block of `blockSide` x `blockSide` by one linear layer, and a Llama between whose words they stand.
 */
export type SmolVlmSpec = z.infer<typeof smolVlmSchema>;
