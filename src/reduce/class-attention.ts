import { dotRows } from "../tensor/dot.js";
import { softmaxInPlace } from "../tensor/softmax.js";
import { checkSignals } from "./check-signals.js";
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
  if (!perHead && signals.classAttention !== undefined) return signals.classAttention;
  if (perHead && signals.headAttention !== undefined) return signals.headAttention;
  const heads = perHead ? signals.heads : 1;
  const width = keys.columns / heads;
  const scale = width ** -0.5;
  const total = new Float64Array(keys.rows);
  const scores = [new Float64Array(keys.rows), new Float64Array(keys.rows)];
  const rows = queries.rows * heads;
  const query = (row: number) => queries.data.subarray(row * width, (row + 1) * width);
  for (let head = 0; head < heads; head++) {
    for (let row = head; row < rows; row += 2 * heads) {
      const pair = [row, row + heads].filter((each) => each < rows).map(query);
      dotRows(pair[0], pair[pair.length - 1], keys, scores[0], scores[1], head * width);
      pair.forEach((_, at) => {
        softmaxInPlace(scores[at], scale);
        for (let i = 0; i < total.length; i++) total[i] += scores[at][i];
      });
    }
  }
  return Float32Array.from(classToken ? total.subarray(1) : total, (sum) => sum / rows);
}
