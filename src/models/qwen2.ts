import type { ConfigReader } from "./config-reader.js";
import { checkWindow, type LanguageModelFamily, languageModel } from "./language-fields.js";
import type { LanguageModelSpec } from "./spec.js";

/**
 * Qwen2 and Qwen2.5; the defaults are those of transformers `Qwen2Config`.
 *
 * @param defaults of a model that has others
 */
export function parseQwen2(
  config: ConfigReader,
  defaults: Partial<LanguageModelFamily> = {},
): LanguageModelSpec {
  const spec = languageModel(config, {
    kind: "qwen2",
    vocabularySize: 151936,
    hiddenSize: 4096,
    intermediateSize: 22016,
    layers: 32,
    heads: 32,
    keyValueHeads: 32,
    maxPositions: 32768,
    biases: { queryKeyValueBias: true, outputBias: false, mlpBias: false },
    ...defaults,
  });
  if (usesWindow(config, spec.layers)) {
    checkWindow(config, "sliding_window", config.size("sliding_window", 4096), spec.context);
  }
  return spec;
}

/** Whether any layer attends within a window: `layer_types` where given, else the layers from `max_window_layers` on. */
function usesWindow(config: ConfigReader, layers: number): boolean {
  const types = config.raw("layer_types");
  const last = config.integer("max_window_layers", 28);
  if (config.isNull("sliding_window") || !config.boolean("use_sliding_window", false)) return false;
  if (Array.isArray(types)) return types.includes("sliding_attention");
  return last < layers;
}
