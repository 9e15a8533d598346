import type { ConfigReader } from "../../models/config-reader.js";
import { siglipSo400m384 } from "../../models/siglip.js";
import type { HuggingFaceLayout } from "../convert-family.js";
import { type HuggingFaceDefaults, huggingFaceParts } from "../parts/hugging-face.js";
import type { LlavaOnevisionSpec } from "./spec.js";

/** Of `LlavaOnevisionConfig`. */
const defaults: HuggingFaceDefaults = {
  language: "qwen2",
  vision: siglipSo400m384,
  selectStrategy: "full",
  featureLayer: -1,
  imageTokenId: 151646,
};

/** Hugging Face's `LlavaOnevisionForConditionalGeneration`. */
export const huggingFaceLlavaOnevision: HuggingFaceLayout<LlavaOnevisionSpec> = {
  architecture: "LlavaOnevisionForConditionalGeneration",
  modelType: "llava_onevision",
  parse(config: ConfigReader) {
    const parts = huggingFaceParts(config, defaults);
    // No checkpoint of this family has such a tower: nothing was tried.
    if (parts.vision.classToken)
      throw config.unsupported("vision_config", "a tower without a class token (SigLIP)", parts.vision.kind);
    config.raw("image_grid_pinpoints"); // held against the image processor's, which pictures are cut by
    config.raw("video_token_index"); // stands for frames, which come by another way than pictures
    config.raw("video_token_id");
    const mostTiles = mostTilesOf(config, "vision_aspect_ratio", "anyres_max_9");
    return { family: "llava-onevision", ...parts, unpad: "hugging-face", mostTiles };
  },
};

/**
 * The N of `anyres_max_N`.
 *
 * @throws PrumergeError UNSUPPORTED_MODEL for any other word, and for 0
 */
export function mostTilesOf(config: ConfigReader, key: string, byDefault?: string): number {
  const word = config.string(key, byDefault);
  const tiles = Number(/^anyres_max_([1-9]\d{0,5})$/.exec(word)?.[1]);
  if (Number.isNaN(tiles)) throw config.unsupported(key, "anyres_max_ and a number of tiles", word);
  return tiles;
}
