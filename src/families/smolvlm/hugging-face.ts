import { PrumergeError } from "../../errors.js";
import type { PreprocessSpec } from "../../image/preprocess-spec.js";
import { ConfigReader } from "../../models/config-reader.js";
import { parseLanguageModel } from "../../models/language-model.js";
import { gridSide, type VisionTowerSpec } from "../../models/spec.js";
import { visionTower } from "../../models/vision-fields.js";
import type { HuggingFaceLayout } from "../convert-family.js";
import { refuseQuantized } from "../parts/fields.js";
import type { SmolVlmSpec } from "./spec.js";

/** Hugging Face's `Idefics3ForConditionalGeneration` and `SmolVLMForConditionalGeneration`, which compute the same. */
export const huggingFaceSmolVlm: HuggingFaceLayout<SmolVlmSpec> = {
  architecture: "SmolVLMForConditionalGeneration",
  modelType: "smolvlm",
  others: [{ architecture: "Idefics3ForConditionalGeneration", modelType: "idefics3" }],
  parse(config) {
    const empty = new ConfigReader({}, config.where);
    const [text, tower] = [config.object("text_config") ?? empty, config.object("vision_config") ?? empty];
    for (const part of [config, text, tower]) refuseQuantized(part);
    // Settings of earlier versions, which released configurations still hold and no version of these classes reads.
    for (const key of [
      "perceiver_config",
      "pixel_shuffle_factor",
      "transformers.js_config",
      "is_llama_config",
    ])
      text.raw(key);
    for (const key of ["_flash_attn_2_enabled", "neftune_noise_alpha"]) text.raw(key);
    for (const key of ["max_image_size", "size"]) tower.raw(key); // the image processor's, a copy
    for (const key of ["transformers.js_config", "_pad_token_id"]) config.raw(key);
    const vision = parseTower(tower);
    const language = parseLanguageModel(text);
    // Either place's yes, as transformers 5 has it.
    const tied = [config, text].some((place) => place.boolean("tie_word_embeddings", false));
    return {
      family: "smolvlm",
      vision,
      language: { ...language, tiedEmbeddings: tied },
      featureLayer: vision.layers,
      selectStrategy: "full",
      imageTokenId: config.index("image_token_id", language.vocabularySize, 128257),
      blockSide: blockSide(config, vision),
    };
  },
};

/** SigLIP's tower; the defaults are those of transformers' `Idefics3VisionConfig`. */
function parseTower(config: ConfigReader): VisionTowerSpec {
  const types = ["siglip_vision_model", "idefics3_vision", "smolvlm_vision", "idefics3", "smolvlm"] as const;
  config.choice("model_type", types, "idefics3_vision");
  return visionTower("siglip", config, {
    hiddenSize: 1152,
    intermediateSize: 3072,
    layers: 12,
    heads: 16,
    imageSize: 224,
    patchSize: 32,
    activation: "gelu_pytorch_tanh",
    layerNormEpsilon: 1e-6,
  });
}

function blockSide(config: ConfigReader, vision: VisionTowerSpec): number {
  const side = config.size("scale_factor", 2);
  const patches = gridSide(vision);
  if (patches % side === 0) return side;
  throw new PrumergeError("INVALID_FILE", "patches do not fall into blocks", {
    where: `${config.where}, scale_factor`,
    expected: `a divisor of the ${patches} patches along a side`,
    found: String(side),
  });
}

/** Refuses an image processor that does not bring the longest edge to a size first, as these classes' own does. */
export function checkSplitPictures({ longestEdge }: PreprocessSpec, where: string): void {
  if (longestEdge !== undefined) return;
  throw new PrumergeError("UNSUPPORTED_MODEL", "an image processor that the model was not trained with", {
    where,
    expected: "Idefics3's or SmolVLM's, which splits pictures by their longest edge",
    found: "another",
  });
}
