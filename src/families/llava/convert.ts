import { buildVision, type VisionParts } from "../../graphs/vision.js";
import { buildVisionEncoder } from "../../graphs/vision-encoder.js";
import { placeTower } from "../../graphs/vision-tower.js";
import { patchCount } from "../../models/spec.js";
import type { ConvertFamily } from "../convert-family.js";
import { isVicuna, vicuna } from "../parts/conversation.js";
import { huggingFaceLlava } from "./hugging-face.js";
import { originalLlava } from "./original.js";
import type { LlavaSpec } from "./spec.js";

const parts: VisionParts = {};

/** LLaVA-1.5, with CLIP or SigLIP. */
export const llava: ConvertFamily<LlavaSpec> = {
  name: "llava",
  title: "LLaVA",
  huggingFace: huggingFaceLlava,
  original: originalLlava,
  graphs: {
    parts,
    vision: (spec, weights) => buildVision(spec, weights, parts),
    encoder: (spec, weights, tokens) => buildVisionEncoder(spec, weights, { tokens, ...parts }),
    tower: ({ vision }, weights) => placeTower(vision, weights),
  },
  names: [],
  conversation: (spec) => ({ ...vicuna, guessed: !isVicuna(spec) }),
  processor: {
    className: "LlavaProcessor",
    // transformers.js emits patches + num_additional_image_tokens placeholders, whatever the encoder returns.
    settings: (spec, bakedTokens = patchCount(spec.vision)) => ({
      vision_feature_select_strategy: spec.selectStrategy,
      num_additional_image_tokens: bakedTokens - patchCount(spec.vision),
    }),
  },
};
