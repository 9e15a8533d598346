import { ConfigReader } from "../../models/config-reader.js";
import { parseLanguageModel } from "../../models/language-model.js";
import type { ModelSpec } from "../../models/spec.js";
import { parseVisionTower } from "../../models/vision-tower.js";
import { featureLayerIndex, llavaProjector, refuseQuantized } from "./fields.js";

/**
 * What Hugging Face's configurations of LLaVA and LLaVA-NeXT share; the defaults are those of transformers `LlavaConfig`
 * and `LlavaNextConfig`, which agree.
 *
 * @throws PrumergeError `UNSUPPORTED_MODEL`, naming what is not run, or `INVALID_FILE`.
 */
export function huggingFaceParts(config: ConfigReader): Omit<ModelSpec, "family"> {
  refuseQuantized(config);
  const empty = new ConfigReader({}, config.where);
  const text = config.object("text_config") ?? empty;
  refuseQuantized(text);
  const language = parseLanguageModel(text);
  const tower = config.object("vision_config");
  refuseQuantized(tower ?? empty);
  const vision = parseVisionTower(tower, empty);
  config.choice("projector_hidden_act", ["gelu"], "gelu");
  const selectStrategy = config.choice("vision_feature_select_strategy", ["default", "full"], "default");
  if (selectStrategy === "default" && !vision.classToken) {
    throw config.unsupported("vision_feature_select_strategy", "full for a tower without a class token");
  }
  return {
    vision,
    projector: llavaProjector(language, config.boolean("multimodal_projector_bias", true)),
    language: { ...language, tiedEmbeddings: tied(config, text) },
    featureLayer: featureLayerIndex(config, "vision_feature_layer", vision.layers),
    selectStrategy,
    imageTokenId: imageTokenId(config, language.vocabularySize),
  };
}

/** Older versions say it for the language model, newer ones for the whole; transformers 5 takes either's yes. */
function tied(config: ConfigReader, text: ConfigReader): boolean {
  return [config, text].some((place) => place.boolean("tie_word_embeddings", false));
}

function imageTokenId(config: ConfigReader, vocabularySize: number): number {
  const [id, index] = ["image_token_id", "image_token_index"] as const;
  const key = config.has(id) ? id : index;
  if (config.has(id) && config.has(index) && config.raw(id) !== config.raw(index))
    throw config.unsupported(id, `the same as ${index}, ${config.raw(index)}`);
  return config.index(key, vocabularySize, 32000);
}
