import { readFileSync } from "node:fs";
import type { LanguageModelSpec, LlavaSpec } from "../../src/models/spec.js";
import { type FixtureTensor, floats, readFixture } from "./safetensors.js";

const folder = new URL("../fixtures/goldens/llava/", import.meta.url);

/** The three tiny LLaVA models whose logits were recorded. */
export const tinyModels = ["tiny-llava-llama", "tiny-llava-gqa-tied", "tiny-llava-siglip-qwen2"] as const;
export type TinyModel = (typeof tinyModels)[number];

export interface GoldenCase {
  readonly name: string;
  readonly greedyIds: readonly number[];
  /** [L, D], prompt and visual tokens. */
  readonly embeddings: Float32Array;
  /** [L, V] */
  readonly logits: Float32Array;
  readonly length: number;
}

export function tinyWeights(model: TinyModel): Map<string, FixtureTensor> {
  return readFixture(new URL(`${model}/model.safetensors`, folder));
}

/** Only the language half is filled in from the config; these tests do not build towers. */
export function tinyLanguageSpec(model: TinyModel): LlavaSpec {
  const config = JSON.parse(readFileSync(new URL(`${model}/config.json`, folder), "utf8"));
  return languageOnly(languageSpec(config.text_config));
}

export function languageOnly(language: LanguageModelSpec): LlavaSpec {
  return { language } as LlavaSpec;
}

/** A language model's spec out of a transformers text config with default rotary embeddings. */
export function languageSpec(config: Record<string, any>): LanguageModelSpec {
  const kind = config.model_type as LanguageModelSpec["kind"];
  return {
    kind,
    hiddenSize: config.hidden_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    keyValueHeads: config.num_key_value_heads,
    headDim: config.head_dim ?? config.hidden_size / config.num_attention_heads,
    intermediateSize: config.intermediate_size,
    vocabularySize: config.vocab_size,
    rmsNormEpsilon: config.rms_norm_eps,
    queryKeyValueBias: kind === "qwen2" || config.attention_bias === true,
    outputBias: config.attention_bias === true,
    mlpBias: config.mlp_bias === true,
    tiedEmbeddings: config.tie_word_embeddings,
    context: config.max_position_embeddings,
    rope: { kind: "default", theta: config.rope_theta },
  };
}

/** Every recorded run of a tiny model: unreduced, and reduced in each recorded way. */
export function goldenCases(model: TinyModel): GoldenCase[] {
  const manifest = JSON.parse(readFileSync(new URL("manifest.json", folder), "utf8"));
  const tensors = readFixture(new URL(`${model}.tensors.safetensors`, folder));
  return manifest.cases
    .filter((entry: any) => entry.inputs.model === model)
    .map((entry: any) => ({
      name: entry.name,
      greedyIds: entry.expected.greedy_ids,
      embeddings: floats(tensors, entry.expected.inputs_embeds),
      logits: floats(tensors, entry.expected.logits),
      length: entry.expected.sequence_length,
    }));
}
