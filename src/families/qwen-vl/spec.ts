import { z } from "zod";
import { modelParts, nativeTowerSchema } from "../../models/part-schemas.js";

const parts = { ...modelParts, vision: nativeTowerSchema };

/** {@link Qwen2VlSpec} as it stands in `prumerge.json`. */
export const qwen2VlSchema = z.strictObject({ family: z.literal("qwen2-vl"), ...parts }).readonly();
export const qwen25VlSchema = z.strictObject({ family: z.literal("qwen2.5-vl"), ...parts }).readonly();
export const qwen3VlSchema = z.strictObject({ family: z.literal("qwen3-vl"), ...parts }).readonly();

/**
 * Qwen2-VL: pictures of any size, a tower that rotates by row and column, one row of the language model for each square of
 * patches, and positions of three coordinates.
 */
export type Qwen2VlSpec = z.infer<typeof qwen2VlSchema>;
/** Qwen2.5-VL: the same, with windows in most of the tower's layers. */
export type Qwen25VlSpec = z.infer<typeof qwen25VlSchema>;
/** Qwen3-VL: the same, with a table of positions, and rows of earlier layers for the language model's first ones. */
export type Qwen3VlSpec = z.infer<typeof qwen3VlSchema>;

/** Any of the three. */
export type QwenVlSpec = Qwen2VlSpec | Qwen25VlSpec | Qwen3VlSpec;
