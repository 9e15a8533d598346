import { z } from "zod";
import { modelParts } from "../../models/part-schemas.js";
import { unpadRules } from "../parts/tiles/unpad.js";

/** {@link LlavaOnevisionSpec} as it stands in `prumerge.json`. */
export const llavaOnevisionSchema = z
  .strictObject({
    family: z.literal("llava-onevision"),
    ...modelParts,
    /** Whose rounding cuts the padding's rows and columns. */
    unpad: z.enum(unpadRules),
    /** To how many tiles' patches a larger map is shrunk in the unreduced prompt: the 9 of `anyres_max_9`. */
    mostTiles: z.int().positive(),
  })
  .readonly();

/** LLaVA-OneVision: LLaVA-NeXT's tiles of a SigLIP tower, shrunk where they are many, and several pictures as one square each. */
export type LlavaOnevisionSpec = z.infer<typeof llavaOnevisionSchema>;
