import { PrumergeError } from "../../errors.js";
import type { PreprocessSpec } from "../../image/preprocess-spec.js";
import { ConfigReader } from "../../models/config-reader.js";
import type { HuggingFaceLayout } from "../convert-family.js";
import { refuseQuantized } from "../parts/fields.js";
import type { Generation } from "./generation.js";
import type { QwenVlSpec } from "./spec.js";

/**
 * Hugging Face's layout, in both forms: the language model's fields at the top as on the hub for the first two generations,
 * or in `text_config`.
 */
export function huggingFaceQwen<Spec extends QwenVlSpec>(
  family: Spec["family"],
  { architecture, modelType, parseVision, parseText }: Generation,
): HuggingFaceLayout<Spec> {
  return {
    architecture,
    modelType,
    parse(config) {
      const text = config.object("text_config") ?? config;
      const tower = config.object("vision_config") ?? new ConfigReader({}, config.where);
      for (const part of [config, text, tower]) refuseQuantized(part);
      if (text !== config) text.choice("model_type", [`${modelType}_text`], `${modelType}_text`);
      tower.choice("model_type", [modelType, `${modelType}_vision`], modelType);
      for (const key of others) config.raw(key);
      const { vision, outputSize } = parseVision(tower);
      const language = parseText(text);
      if (outputSize !== language.hiddenSize)
        throw tower.unsupported(
          "out_hidden_size",
          `the language model's width, ${language.hiddenSize}`,
          outputSize,
        );
      const { deepLayers = [] } = vision;
      if (deepLayers.length > language.layers)
        throw tower.unsupported("deepstack_visual_indexes", `at most ${language.layers} layers`);
      return {
        family,
        vision,
        projector: {
          hiddenSize: vision.hiddenSize * vision.mergeSize ** 2,
          activation: "gelu",
          bias: true,
        },
        language: {
          ...language,
          tiedEmbeddings: [config, text].some((place) => place.boolean("tie_word_embeddings", false)),
          ...(deepLayers.length > 0 && { deepRows: deepLayers.length }),
        },
        featureLayer: vision.layers,
        selectStrategy: "full",
        imageTokenId: config.index("image_token_id", language.vocabularySize, 151655),
      } as unknown as Spec;
    },
  };
}

/** Ids that the chat template writes by their texts, and what is of videos alone. */
const others = ["vision_start_token_id", "vision_end_token_id", "vision_token_id", "video_token_id"];

/** Refuses an image processor that cuts pictures for another tower. */
export function checkNative({ aspect, size }: PreprocessSpec, where: string, config?: ConfigReader): void {
  const tower = config?.object("vision_config");
  const unit = tower && tower.size("patch_size", size / 2) * tower.size("spatial_merge_size", 2);
  if (aspect === "native" && (unit === undefined || unit === size)) return;
  throw new PrumergeError("UNSUPPORTED_MODEL", "an image processor that the model was not trained with", {
    where,
    expected: `Qwen2-VL's, for pictures of any size in squares of ${unit ?? "its own"} pixels`,
    found: aspect === "native" ? `squares of ${size} pixels` : `${aspect}, squares of ${size} pixels`,
  });
}
