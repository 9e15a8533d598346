import { clipLarge336 } from "../../models/clip.js";
import { ConfigReader } from "../../models/config-reader.js";
import { parseLanguageModel } from "../../models/language-model.js";
import type { LanguageModelSpec, LlavaParts, VisionTowerSpec } from "../../models/spec.js";
import { parseVisionTower } from "../../models/vision-tower.js";
import { featureLayerIndex, llavaProjector, refuseQuantized } from "./fields.js";

/** What a configuration class of transformers takes where a configuration leaves it out. */
export interface HuggingFaceDefaults {
  readonly language: LanguageModelSpec["kind"];
  readonly vision: VisionTowerSpec;
  readonly selectStrategy: LlavaParts["selectStrategy"];
  /** From the last, -1 and below. */
  readonly featureLayer: number;
  readonly imageTokenId: number;
}

/** Of `LlavaConfig` and `LlavaNextConfig`, which agree. */
const llavaDefaults: HuggingFaceDefaults = {
  language: "llama",
  vision: clipLarge336,
  selectStrategy: "default",
  featureLayer: -2,
  imageTokenId: 32000,
};

/**
 * What Hugging Face's configurations of LLaVA's kind share.
 *
 * @throws PrumergeError `UNSUPPORTED_MODEL`, naming what is not run, or `INVALID_FILE`.
 */
export function huggingFaceParts(
  config: ConfigReader,
  defaults: HuggingFaceDefaults = llavaDefaults,
): Omit<LlavaParts, "family"> {
  refuseQuantized(config);
  const empty = new ConfigReader({}, config.where);
  const text = config.object("text_config") ?? empty;
  refuseQuantized(text);
  const language = parseLanguageModel(text, text.string("model_type", defaults.language));
  const tower = config.object("vision_config");
  refuseQuantized(tower ?? empty);
  const vision =
    tower === undefined ? defaults.vision : parseVisionTower(tower, `${defaults.vision.kind}_vision_model`);
  config.choice("projector_hidden_act", ["gelu"], "gelu");
  const selectStrategy = config.choice(
    "vision_feature_select_strategy",
    ["default", "full"],
    defaults.selectStrategy,
  );
  if (selectStrategy === "default" && !vision.classToken) {
    throw config.unsupported("vision_feature_select_strategy", "full for a tower without a class token");
  }
  return {
    vision,
    projector: llavaProjector(language, config.boolean("multimodal_projector_bias", true)),
    language: { ...language, tiedEmbeddings: tied(config, text) },
    featureLayer: featureLayerIndex(config, "vision_feature_layer", vision.layers, defaults.featureLayer),
    selectStrategy,
    imageTokenId: imageTokenId(config, language.vocabularySize, defaults.imageTokenId),
  };
}

/** Older versions say it for the language model, newer ones for the whole; transformers 5 takes either's yes. */
function tied(config: ConfigReader, text: ConfigReader): boolean {
  return [config, text].some((place) => place.boolean("tie_word_embeddings", false));
}

function imageTokenId(config: ConfigReader, vocabularySize: number, byDefault: number): number {
  const [id, index] = ["image_token_id", "image_token_index"] as const;
  const key = config.has(id) ? id : index;
  if (config.has(id) && config.has(index) && config.raw(id) !== config.raw(index))
    throw config.unsupported(id, `the same as ${index}, ${config.raw(index)}`);
  return config.index(key, vocabularySize, byDefault);
}
