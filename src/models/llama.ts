import type { ConfigReader } from "./config-reader.js";
import { languageModel } from "./language-fields.js";
import type { LanguageModelSpec } from "./spec.js";

/** Llama and Vicuna; the defaults are those of transformers `LlamaConfig`, that is Llama 7B. */
export function parseLlama(config: ConfigReader): LanguageModelSpec {
  const attentionBias = config.boolean("attention_bias", false);
  return languageModel(config, {
    kind: "llama",
    vocabularySize: 32000,
    hiddenSize: 4096,
    intermediateSize: 11008,
    layers: 32,
    heads: 32,
    maxPositions: 2048,
    biases: {
      queryKeyValueBias: attentionBias,
      outputBias: attentionBias,
      mlpBias: config.boolean("mlp_bias", false),
    },
  });
}
