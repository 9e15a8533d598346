import { z } from "zod";
import { modelParts } from "../../models/part-schemas.js";
import { unpadRules } from "../parts/tiles/unpad.js";

/** {@link LlavaNextSpec} as it stands in `prumerge.json`. */
export const llavaNextSchema = z
  .strictObject({
    family: z.literal("llava-next"),
    ...modelParts,
    /** Whose rounding cuts the padding's rows and columns. */
    unpad: z.enum(unpadRules),
  })
  .readonly();

/** LLaVA-NeXT (v1.6): LLaVA's parts, over a whole picture and its tiles, with a learned vector at the end of each line of tiles. */
export type LlavaNextSpec = z.infer<typeof llavaNextSchema>;
