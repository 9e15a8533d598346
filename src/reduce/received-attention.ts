import { meanAttention } from "./mean-attention.js";
import type { EarlierLayer } from "./signals.js";

/**
 * Attention that each patch receives in a layer, float32 [N]: the mean over the tower's heads and over all of its tokens'
 * queries, the class token's among them, of softmax(q_h K_h^T d^-0.5); the class token's own column is dropped after that.
 * Time: N^2 C, about 25 ms at 576 x 1024, and 0.2 s where there is no WebAssembly.
 */
export function receivedAttention(
  { keys, queries, headAttention }: EarlierLayer,
  heads: number,
  classToken: boolean,
): Float32Array {
  if (headAttention !== undefined) return headAttention;
  const mean = meanAttention(queries, keys, heads);
  return Float32Array.from(classToken ? mean.subarray(1) : mean);
}
