import type { ConfigReader } from "./config-reader.js";
import type { LanguageModelSpec, ProjectorSpec } from "./spec.js";

/** LLaVA-1.5's projector: two layers as wide as the language model with an exact GELU between. */
export function llavaProjector(language: LanguageModelSpec, bias: boolean): ProjectorSpec {
  return { hiddenSize: language.hiddenSize, activation: "gelu", bias };
}

/**
 * The feature layer as a non-negative index into [embeddings, layer 1, ..., layer n]; -2, the default, is the output of
 * the last but one layer.
 */
export function featureLayerIndex(config: ConfigReader, key: string, layers: number): number {
  if (Array.isArray(config.raw(key))) throw config.unsupported(key, "one layer");
  const layer = config.integer(key, -2);
  return config.checkedIndex(key, layer < 0 ? layers + 1 + layer : layer, layers + 1);
}

export function refuseQuantized(config: ConfigReader): void {
  if (config.has("quantization_config")) {
    throw config.unsupported("quantization_config", "weights in float32, float16 or bfloat16");
  }
}
