import type { ConfigReader } from "./config-reader.js";
import { languageModel } from "./language-fields.js";
import { parseQwen2 } from "./qwen2.js";
import type { LanguageModelSpec } from "./spec.js";

/** Qwen2-VL's and Qwen2.5-VL's language model; the defaults are those of transformers `Qwen2VLTextConfig`. */
export function parseQwen2VlText(config: ConfigReader): LanguageModelSpec {
  return requireAxes(
    config,
    parseQwen2(config, {
      vocabularySize: 152064,
      hiddenSize: 8192,
      intermediateSize: 29568,
      layers: 80,
      heads: 64,
      keyValueHeads: 8,
      rmsNormEpsilon: 1e-5,
      ropeTheta: 1e6,
      threeAxes: true,
    }),
    false,
  );
}

/** Qwen3-VL's language model; the defaults are those of transformers `Qwen3VLTextConfig`. */
export function parseQwen3VlText(config: ConfigReader): LanguageModelSpec {
  const bias = config.boolean("attention_bias", false);
  const spec = languageModel(config, {
    kind: "qwen3",
    vocabularySize: 151936,
    hiddenSize: 4096,
    intermediateSize: 22016,
    layers: 32,
    heads: 32,
    keyValueHeads: 32,
    headDim: 128,
    maxPositions: 128000,
    ropeTheta: 500000,
    threeAxes: true,
    biases: { queryKeyValueBias: bias, outputBias: bias, mlpBias: false },
  });
  return requireAxes(config, { ...spec, queryKeyNorm: true }, true);
}

/** @param interleaved what the model's class does whatever is said: which frequencies are of which coordinate */
function requireAxes(config: ConfigReader, spec: LanguageModelSpec, interleaved: boolean): LanguageModelSpec {
  const { rope } = spec;
  const scaling = config.object("rope_scaling") ?? config.object("rope_parameters");
  if (scaling !== undefined && scaling.boolean("mrope_interleaved", interleaved) !== interleaved)
    throw scaling.unsupported("mrope_interleaved", String(interleaved));
  if (rope.kind === "default" && rope.axes !== undefined)
    return { ...spec, rope: { ...rope, axes: { ...rope.axes, interleaved } } };
  throw config.unsupported(
    "rope_scaling",
    "mrope_section, without another scaling",
    config.raw("rope_scaling") ?? config.raw("rope_parameters"),
  );
}
