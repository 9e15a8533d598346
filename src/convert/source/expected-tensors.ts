import { convertFamily } from "../../families/convert-registry.js";
import { buildDecoder } from "../../graphs/decoder.js";
import { buildEmbedTokens } from "../../graphs/embed-tokens.js";
import { GraphWeights, placedTensors, type WeightRecipe } from "../../graphs/weights.js";
import type { ModelSpec } from "../../models/spec.js";
import { WeightFile } from "../../onnx/weight-file.js";

/**
 * Canonical names and shapes of all tensors that a checkpoint of a model has: those that its graphs ask for, and the rest of
 * its tower.
 */
export function expectedTensors(spec: ModelSpec): Map<string, readonly number[]> {
  const file = new WeightFile<WeightRecipe>("checkpoint");
  const weights = new GraphWeights(file, { precision: "float32" });
  const { graphs } = convertFamily(spec);
  graphs.tower(spec, weights);
  graphs.vision(spec, weights);
  buildEmbedTokens(spec, weights);
  buildDecoder(spec, weights);
  return placedTensors(file);
}
