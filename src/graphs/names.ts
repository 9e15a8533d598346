/**
 * Canonical names of a LLaVA checkpoint's tensors, those of the hub's llava-1.5 checkpoints. Graphs ask for these;
 * `convert/` maps every other layout onto them.
 */
export const visionPrefix = "vision_tower.vision_model";
export const videoPrefix = "video_tower.vision_model"; // of families whose videos have a tower of their own
export const projectorPrefix = "multi_modal_projector"; // .linear_1.{weight,bias}, .linear_2.{weight,bias}
export const languagePrefix = "language_model.model"; // .embed_tokens, .layers.N..., .norm
export const outputWeight = "language_model.lm_head.weight"; // absent where the embeddings are tied
export const newlineWeight = "image_newline"; // [D], of families whose lines of tiles end with it
export const embeddingWeight = `${languagePrefix}.embed_tokens.weight`;
