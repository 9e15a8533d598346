import type { ConfigReader } from "../../models/config-reader.js";
import type { LanguageModelSpec, ProjectorSpec } from "../../models/spec.js";

/** LLaVA-1.5's projector: two layers as wide as the language model with an exact GELU between. */
export function llavaProjector(language: LanguageModelSpec, bias: boolean): ProjectorSpec {
  return { hiddenSize: language.hiddenSize, activation: "gelu", bias };
}

/**
 * The feature layer as a non-negative index into [embeddings, layer 1, ..., layer n]; -2, LLaVA's own, is the output of the
 * last but one layer.
 */
export function featureLayerIndex(config: ConfigReader, key: string, layers: number, byDefault = -2): number {
  const given = config.raw(key);
  if (!Array.isArray(given)) return checked(config, key, config.integer(key, byDefault), layers);
  // transformers takes a list too, whose layers it puts side by side.
  if (given.length !== 1 || !Number.isSafeInteger(given[0])) throw config.unsupported(key, "one layer");
  return checked(config, key, given[0] as number, layers);
}

function checked(config: ConfigReader, key: string, layer: number, layers: number): number {
  return config.checkedIndex(key, layer < 0 ? layers + 1 + layer : layer, layers + 1);
}

export function refuseQuantized(config: ConfigReader): void {
  for (const key of ["quantization_config", "compression_config"]) {
    if (config.has(key)) throw config.unsupported(key, "weights in float32, float16 or bfloat16");
  }
}
