import type { ConfigReader } from "./config-reader.js";
import { checkWindow, languageModel } from "./language-fields.js";
import type { LanguageModelSpec } from "./spec.js";

/**
 * Mistral; the defaults are those of transformers `MistralConfig`, that is Mistral 7B v0.1, whose window of 4096 tokens
 * is shorter than its context and therefore refused.
 */
export function parseMistral(config: ConfigReader): LanguageModelSpec {
  const spec = languageModel(config, {
    kind: "mistral",
    vocabularySize: 32000,
    hiddenSize: 4096,
    intermediateSize: 14336,
    layers: 32,
    heads: 32,
    keyValueHeads: 8,
    maxPositions: 131072,
    biases: { queryKeyValueBias: false, outputBias: false, mlpBias: false },
  });
  if (!config.isNull("sliding_window")) {
    checkWindow(config, "sliding_window", config.size("sliding_window", 4096), spec.context);
  }
  return spec;
}
