import { buildDecoder } from "../graphs/decoder.js";
import { buildEmbedTokens } from "../graphs/embed-tokens.js";
import { embeddingWeight, languagePrefix, outputWeight } from "../graphs/names.js";
import { GraphWeights, placedTensors, type WeightRecipe } from "../graphs/weights.js";
import type { ModelSpec } from "../models/spec.js";
import { WeightFile } from "../onnx/weight-file.js";
import { convertFamily } from "./convert-registry.js";

/**
 * Canonical names and shapes of all tensors that a checkpoint of a model has: those that its graphs ask for, and the rest of
 * its tower.
 */
export function checkpointTensors(spec: ModelSpec): Map<string, readonly number[]> {
  const file = new WeightFile<WeightRecipe>("checkpoint");
  const weights = new GraphWeights(file, { precision: "float32" });
  const { graphs } = convertFamily(spec);
  graphs.tower(spec, weights);
  graphs.vision(spec, weights);
  buildEmbedTokens(spec, weights);
  buildDecoder(spec, weights);
  return placedTensors(file);
}

/** How many numbers a checkpoint's parts have. */
export interface ParameterCounts {
  /** Tower, projector, and what else stands before the language model. */
  readonly vision: number;
  /** The embedding table. */
  readonly table: number;
  /** The language model without its embedding table; with an output layer only where that is stored apart. */
  readonly language: number;
}

/** @param tensors of {@link checkpointTensors} */
export function countParameters(tensors: ReadonlyMap<string, readonly number[]>): ParameterCounts {
  const counts = { vision: 0, table: 0, language: 0 };
  for (const [name, shape] of tensors) {
    const language = name === outputWeight || name.startsWith(`${languagePrefix}.`);
    const part = name === embeddingWeight ? "table" : language ? "language" : "vision";
    counts[part] += shape.reduce((product, size) => product * size, 1);
  }
  return counts;
}
