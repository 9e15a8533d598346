import { checkSignals } from "./check-signals.js";
import { meanAttention } from "./mean-attention.js";
import { booleanOption, refuseUnknownOptions } from "./options.js";
import type { Signals } from "./signals.js";

/** How the class token's attention is read from queries and keys. */
export interface ClassAttentionOptions {
  /**
   * False (default): one head of full width, softmax(q K^T C^-0.5), as the released code has it. True: the mean over the
   * tower's heads of softmax(q_h K_h^T d^-0.5), the attention that the tower itself computes.
   */
  readonly perHeadAttention?: boolean;
}

/**
 * Attention of the class token to each patch, float32 [N], raster order. The softmax runs over all tower tokens and the
 * class token's own share is then dropped, so the sum is below 1. Without a class token: the attention that each patch
 * receives, the mean over all queries, two rows of scores at a time, so that memory stays O(N).
 *
 * Source: the paper's a_cls; released `clip_encoder.py` for the single head of full width (the paper divides by
 * sqrt(d_k)). Sums are float64; the released code's float32 differs by about 1e-6 relative.
 *
 * @throws PrumergeError INVALID_TENSOR for signals that do not fit each other, INVALID_OPTION
 */
export function classAttention(signals: Signals, options: ClassAttentionOptions = {}): Float32Array {
  refuseUnknownOptions("classAttention", options, ["perHeadAttention"]);
  booleanOption("classAttention", "perHeadAttention", options.perHeadAttention ?? false);
  checkSignals(signals);
  return computeClassAttention(signals, options);
}

/** {@link classAttention} for arguments that were checked already. */
export function computeClassAttention(signals: Signals, options: ClassAttentionOptions): Float32Array {
  const { keys, queries, classToken } = signals;
  const perHead = options.perHeadAttention ?? false;
  const known = perHead ? signals.headAttention : signals.classAttention;
  if (known !== undefined) return known;
  const mean = meanAttention(queries, keys, perHead ? signals.heads : 1);
  return Float32Array.from(classToken ? mean.subarray(1) : mean);
}
