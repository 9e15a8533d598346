/** The right factor of a low-rank update, [rank, columns], turned so that each column lies in one piece. */
export interface LowRankFactor {
  readonly rank: number;
  readonly columns: number;
  /** [columns, rank]; float64, because widening in the inner loop would cost more than the memory. */
  readonly transposed: Float64Array;
}

export function lowRankFactor(a: Float32Array, rank: number): LowRankFactor {
  const columns = a.length / rank;
  const transposed = new Float64Array(a.length);
  for (let k = 0, at = 0; k < rank; k++) {
    for (let column = 0; column < columns; column++) transposed[column * rank + k] = a[at++]!;
  }
  return { rank, columns, transposed };
}

/** The same of a factor that is stored turned, [columns, rank]: the B of an embedding table's update. */
export function turnedFactor(b: Float32Array, rank: number): LowRankFactor {
  return { rank, columns: b.length / rank, transposed: new Float64Array(b) };
}

/** Columns `start` (inclusive) to `end` (exclusive) of `a` [rank, n] as rows, [end - start, rank]. */
export function columnsOf(a: Float32Array, rank: number, start: number, end: number): Float32Array {
  const width = a.length / rank;
  const out = new Float32Array((end - start) * rank);
  for (let k = 0; k < rank; k++) {
    for (let column = start; column < end; column++)
      out[(column - start) * rank + k] = a[k * width + column]!;
  }
  return out;
}

/**
 * rows += scale * b a, in place: `rows` [n, columns] and `b` [n, rank], float32. Each sum is taken in float64 over ascending
 * ranks, so that a row comes out the same whichever rows it is computed with.
 */
export function addLowRank(rows: Float32Array, b: Float32Array, a: LowRankFactor, scale: number): void {
  const { rank, columns, transposed } = a;
  const left = new Float64Array(b);
  const count = b.length / rank;
  const sums = new Float64Array(8);
  for (let row = 0; row < count; row += 4) {
    for (let column = 0; column < columns; column += 2) {
      const second = Math.min(column + 1, columns - 1);
      multiplyBlock(sums, left, row, count, transposed, column * rank, second * rank, rank);
      const height = Math.min(4, count - row);
      const width = Math.min(2, columns - column);
      for (let i = 0; i < height; i++) {
        const at = (row + i) * columns + column;
        for (let j = 0; j < width; j++) rows[at + j]! += scale * sums[i * 2 + j]!;
      }
    }
  }
}

/**
 * Products of four rows of `b` from `row` on and two columns of `a`: eight sums that stay in registers, which is twice as
 * fast as adding up whole rows. Rows beyond the last repeat it.
 */
function multiplyBlock(
  sums: Float64Array,
  b: Float64Array,
  row: number,
  count: number,
  a: Float64Array,
  first: number,
  second: number,
  rank: number,
): void {
  const r0 = row * rank;
  const r1 = Math.min(row + 1, count - 1) * rank;
  const r2 = Math.min(row + 2, count - 1) * rank;
  const r3 = Math.min(row + 3, count - 1) * rank;
  let s00 = 0;
  let s01 = 0;
  let s10 = 0;
  let s11 = 0;
  let s20 = 0;
  let s21 = 0;
  let s30 = 0;
  let s31 = 0;
  for (let k = 0; k < rank; k++) {
    const x = a[first + k]!;
    const y = a[second + k]!;
    const b0 = b[r0 + k]!;
    const b1 = b[r1 + k]!;
    const b2 = b[r2 + k]!;
    const b3 = b[r3 + k]!;
    s00 += b0 * x;
    s01 += b0 * y;
    s10 += b1 * x;
    s11 += b1 * y;
    s20 += b2 * x;
    s21 += b2 * y;
    s30 += b3 * x;
    s31 += b3 * y;
  }
  sums[0] = s00;
  sums[1] = s01;
  sums[2] = s10;
  sums[3] = s11;
  sums[4] = s20;
  sums[5] = s21;
  sums[6] = s30;
  sums[7] = s31;
}
