import { dotRows } from "../tensor/dot.js";
import type { Matrix } from "../tensor/matrix.js";
import { addSoftmax } from "../tensor/softmax.js";

/** From so many queries on, keys of a head are laid side by side first: 4 KiB apart they would push each other out of the cache. */
const manyQueries = 8;

/**
 * Attention that each token receives, float64 [T]: the mean over heads and queries of softmax(q_h K_h^T d^-0.5). Two rows of scores
 * at a time, so that memory stays O(T).
 *
 * @param keys [T, heads * d]
 * @param queries [any, heads * d]
 */
export function meanAttention(queries: Matrix, keys: Matrix, heads: number): Float64Array {
  const { rows: tokens, columns } = keys;
  const width = columns / heads;
  const total = new Float64Array(tokens);
  const [one, other] = [new Float64Array(tokens), new Float64Array(tokens)];
  const together = heads > 1 && queries.rows >= manyQueries ? new Float32Array(tokens * width) : undefined;
  for (let head = 0; head < heads; head++) {
    const first = head * width;
    const own = together === undefined ? keys : headOf(keys, first, width, together);
    const query = (row: number) =>
      queries.data.subarray(row * columns + first, row * columns + first + width);
    for (let row = 0; row < queries.rows; row += 2) {
      const paired = row + 1 < queries.rows;
      dotRows(query(row), query(paired ? row + 1 : row), own, one, other, together === undefined ? first : 0);
      addSoftmax(one, width ** -0.5, total);
      if (paired) addSoftmax(other, width ** -0.5, total);
    }
  }
  return total.map((sum) => sum / (queries.rows * heads));
}

function headOf({ rows, columns, data }: Matrix, first: number, width: number, into: Float32Array): Matrix {
  for (let row = 0; row < rows; row++) {
    const start = row * columns + first;
    into.set(data.subarray(start, start + width), row * width);
  }
  return { rows, columns: width, data: into };
}
