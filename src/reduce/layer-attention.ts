import { meanAttention } from "./mean-attention.js";
import { earlierLayer, type Signals } from "./signals.js";

/**
 * The tower's own attention at a layer before the last, float32 [N]: the class token's to each patch, the mean over heads; of a
 * tower without one what each patch receives, the mean over heads and queries.
 *
 * @throws PrumergeError INVALID_TENSOR where the layer was not gathered
 */
export function layerAttention(signals: Signals, layer: number): Float32Array {
  const { keys, queries, headAttention } = earlierLayer(signals, layer);
  if (headAttention !== undefined) return headAttention;
  const asking = signals.classToken
    ? { rows: 1, columns: queries.columns, data: queries.data.subarray(0, queries.columns) }
    : queries;
  const mean = meanAttention(asking, keys, signals.heads);
  return Float32Array.from(signals.classToken ? mean.subarray(1) : mean);
}
