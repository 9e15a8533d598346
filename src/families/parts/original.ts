import type { ConfigReader } from "../../models/config-reader.js";
import { parseLanguageModel } from "../../models/language-model.js";
import type { LlavaParts } from "../../models/spec.js";
import { parseVisionTower } from "../../models/vision-tower.js";
import { featureLayerIndex, llavaProjector, refuseQuantized } from "./fields.js";

/** Language model families by the `model_type` that the original code gives the whole model. */
const languageTypes = {
  llava: "llama",
  llava_llama: "llama",
  llava_mistral: "mistral",
  llava_qwen: "qwen2",
} as const;

/** Whether a configuration is of the original LLaVA code: language model fields at the top, `mm_*` beside them. */
export function isOriginalLlava(config: ConfigReader): boolean {
  return config.has("mm_vision_tower") || config.has("mm_projector_type");
}

/** LLaVA-1.5's projector. @throws PrumergeError `UNSUPPORTED_MODEL` for another. */
export function requireTwoLayers(config: ConfigReader): void {
  config.choice("mm_projector_type", ["mlp2x_gelu"], "linear");
}

/**
 * The part of a tower that the original code runs, and the layer that feeds the projector: of SigLIP always the last, once
 * the code has taken off the tower's own last layer, whatever the configuration says of layers and class tokens.
 */
function originalTower(
  config: ConfigReader,
  tower: ConfigReader,
): Pick<LlavaParts, "vision" | "featureLayer" | "selectStrategy"> {
  const vision = parseVisionTower(tower);
  const feature = config.choice("mm_vision_select_feature", ["patch", "cls_patch"], "patch");
  if (vision.classToken) {
    const featureLayer = featureLayerIndex(config, "mm_vision_select_layer", vision.layers);
    return { vision, featureLayer, selectStrategy: feature === "patch" ? "default" : "full" };
  }
  config.raw("mm_vision_select_layer");
  const layers = vision.layers - 1;
  if (layers < 1) throw tower.unsupported("num_hidden_layers", "2 or more, since the last is left out");
  return { vision: { ...vision, layers }, featureLayer: layers, selectStrategy: "full" };
}

/**
 * What models of the original LLaVA code share: CLIP or SigLIP, LLaVA-1.5's projector and a language model.
 *
 * @throws PrumergeError `UNSUPPORTED_MODEL` for options of the original code that are not run.
 */
export function originalParts(
  config: ConfigReader,
  tower: ConfigReader,
  imageTokenId: number,
): Omit<LlavaParts, "family"> {
  refuseQuantized(config);
  for (const key of ["mm_use_im_start_end", "s2", "mm_resampler_type"]) {
    if (config.raw(key) !== undefined && config.raw(key) !== false) throw config.unsupported(key, "false");
  }
  const type = config.choice("model_type", Object.keys(languageTypes) as (keyof typeof languageTypes)[]);
  const language = parseLanguageModel(config, languageTypes[type]);
  return {
    ...originalTower(config, tower),
    projector: llavaProjector(language, true),
    language: { ...language, vocabularySize: Math.max(language.vocabularySize, imageTokenId + 1) },
    imageTokenId,
  };
}
