import { AttentionKernel } from "../tensor/attention-kernel.js";
import { dotRows } from "../tensor/dot.js";
import type { Matrix } from "../tensor/matrix.js";
import { addSoftmax } from "../tensor/softmax.js";

/** From so many queries on, keys of a head are laid side by side first: 4 KiB apart they would push each other out of the cache. */
const manyQueries = 8;

/** Columns of a head up to which sums in float32 are good to six digits. */
const fewColumns = 256;

/**
 * Attention that each token receives, float64 [T]: the mean over heads and queries of softmax(q_h K_h^T d^-0.5). Memory stays O(T d).
 * Many queries of several heads go through {@link AttentionKernel} where it runs, in float32; all else, and where it does not, is
 * float64, two rows of scores at a time.
 *
 * @param keys [T, heads * d]
 * @param queries [any, heads * d]
 */
export function meanAttention(queries: Matrix, keys: Matrix, heads: number): Float64Array {
  const { rows: tokens, columns } = keys;
  const width = columns / heads;
  const total = new Float64Array(tokens);
  const many = heads > 1 && queries.rows >= manyQueries;
  const kernel = many && width <= fewColumns ? AttentionKernel.open(tokens, width) : undefined;
  for (let head = 0; head < heads; head++) {
    const first = head * width;
    const scale = width ** -0.5;
    if (kernel !== undefined)
      kernel.add({ keys: keys.data, queries: queries.data, columns, first, scale }, total);
    else addHead(queries, many ? headOf(keys, first, width) : keys, first, width, total);
  }
  return total.map((sum) => sum / (queries.rows * heads));
}

/** @param keys of the head alone, or with the columns of all heads */
function addHead(queries: Matrix, keys: Matrix, first: number, width: number, total: Float64Array): void {
  const { rows, columns, data } = queries;
  const [one, other] = [new Float64Array(total.length), new Float64Array(total.length)];
  const query = (row: number) => data.subarray(row * columns + first, row * columns + first + width);
  for (let row = 0; row < rows; row += 2) {
    const paired = row + 1 < rows;
    dotRows(
      query(row),
      query(paired ? row + 1 : row),
      keys,
      one,
      other,
      keys.columns === columns ? first : 0,
    );
    addSoftmax(one, width ** -0.5, total);
    if (paired) addSoftmax(other, width ** -0.5, total);
  }
}

function headOf({ rows, columns, data }: Matrix, first: number, width: number): Matrix {
  const own = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const start = row * columns + first;
    own.set(data.subarray(start, start + width), row * width);
  }
  return { rows, columns: width, data: own };
}
