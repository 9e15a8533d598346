import { readFileSync } from "node:fs";
import { ConfigReader } from "../../src/models/config-reader.js";
import { parseLanguageModel } from "../../src/models/language-model.js";
import type { LanguageModelSpec, ModelSpec } from "../../src/models/spec.js";
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

/** The parts of the recorded manifest that these tests read. */
interface Manifest {
  readonly cases: readonly {
    readonly name: string;
    readonly inputs: { readonly model: string };
    readonly expected: {
      readonly greedy_ids: readonly number[];
      readonly inputs_embeds: string;
      readonly logits: string;
      readonly sequence_length: number;
    };
  }[];
}

export function tinyWeights(model: TinyModel): Map<string, FixtureTensor> {
  return readFixture(new URL(`${model}/model.safetensors`, folder));
}

/** Only the language half is filled in from the config; these tests do not build towers. */
export function tinyLanguageSpec(model: TinyModel): ModelSpec {
  const config = JSON.parse(readFileSync(new URL(`${model}/config.json`, folder), "utf8"));
  return languageOnly(parseLanguageModel(new ConfigReader(config.text_config, model)));
}

export function languageOnly(language: LanguageModelSpec): ModelSpec {
  return { language } as ModelSpec;
}

/** Every recorded run of a tiny model: unreduced, and reduced in each recorded way. */
export function goldenCases(model: TinyModel): GoldenCase[] {
  const manifest: Manifest = JSON.parse(readFileSync(new URL("manifest.json", folder), "utf8"));
  const tensors = readFixture(new URL(`${model}.tensors.safetensors`, folder));
  return manifest.cases
    .filter((entry) => entry.inputs.model === model)
    .map((entry) => ({
      name: entry.name,
      greedyIds: entry.expected.greedy_ids,
      embeddings: floats(tensors, entry.expected.inputs_embeds),
      logits: floats(tensors, entry.expected.logits),
      length: entry.expected.sequence_length,
    }));
}
