import type { CacheForm } from "../models/cache-forms.js";
import type { LanguageModelSpec } from "../models/spec.js";
import type { GraphBuilder, Value } from "../onnx/builder.js";
import { add, concat, matMul, reshape, sizeOf, split } from "../onnx/ops/index.js";
import { compactCache } from "./compact-cache.js";
import { decoder } from "./contract.js";
import { type CacheInputs, capacity, type LayerCache, rows, sequences } from "./layer-cache.js";

/** How the batched decoder holds keys and values. */
export const batchedCaches: Readonly<Record<CacheForm, CacheInputs>> = {
  fp32: plainCache,
  q8: compactCache,
};

function plainCache(graph: GraphBuilder, spec: LanguageModelSpec, layer: number): LayerCache {
  const { keyValueHeads: heads, headDim } = spec;
  const key = graph.input(decoder.pastKey(layer), "float32", [sequences, heads, headDim, capacity]);
  const value = graph.input(decoder.pastValue(layer), "float32", [sequences, heads, capacity, headDim]);
  return {
    slots: sizeOf(key, 3),
    with: (own, sizes) => ({
      scores: (queries) => concat([matMul(queries, key), matMul(queries, unfused(own.key))], 3),
      mix(shares) {
        const [past, self] = split(shares, sizes, [capacity, rows], 3);
        return add(matMul(past!, value), matMul(self!, unfused(own.value)));
      },
      outputs: [
        [decoder.newKey(layer), own.key],
        [decoder.newValue(layer), own.value],
      ],
    }),
  };
}

/** Through a reshape that changes nothing, as in `cachedAttention`: the transpose before it is to stay apart. */
function unfused(x: Value): Value {
  return reshape(x, x.shape);
}
