import { dotRows } from "../tensor/dot.js";
import { softmaxInPlace } from "../tensor/softmax.js";
import type { EarlierLayer } from "./signals.js";

/**
 * Attention that each patch receives in a layer, float32 [N]: the mean over the tower's heads and over all of its tokens'
 * queries, the class token's among them, of softmax(q_h K_h^T d^-0.5); the class token's own column is dropped after that.
 * Two rows of scores at a time, so that memory stays O(N). Time: N^2 C, about 0.2 s at 576 x 1024.
 */
export function receivedAttention(
  { keys, queries, headAttention }: EarlierLayer,
  heads: number,
  classToken: boolean,
): Float32Array {
  if (headAttention !== undefined) return headAttention;
  const { rows: tokens, columns } = keys;
  const width = columns / heads;
  const total = new Float64Array(tokens);
  const scores = [new Float64Array(tokens), new Float64Array(tokens)];
  for (let head = 0; head < heads; head++) {
    const query = (row: number) => {
      const start = row * columns + head * width;
      return queries.data.subarray(start, start + width);
    };
    for (let row = 0; row < tokens; row += 2) {
      const pair = row + 1 < tokens ? [row, row + 1] : [row];
      dotRows(query(row), query(pair[pair.length - 1]), keys, scores[0], scores[1], head * width);
      pair.forEach((_, at) => {
        softmaxInPlace(scores[at], width ** -0.5);
        for (let i = 0; i < tokens; i++) total[i] += scores[at][i];
      });
    }
  }
  return Float32Array.from(classToken ? total.subarray(1) : total, (sum) => sum / (tokens * heads));
}
