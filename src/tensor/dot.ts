import type { Matrix } from "./matrix.js";

/**
 * Dot products of two vectors with every row of a matrix: out[r] = sum over c of vector[c] * matrix[r, firstColumn + c].
 *
 * Float32 in, float64 sums. Two vectors by four rows share their loads, which is about twice as fast as one product at a
 * time; yet every sum runs over c in ascending order, so that equal rows give equal bits wherever they lie, and ties stay
 * ties. A single vector may be handed in twice.
 *
 * @param a,b as long as the columns used
 * @param outA,outB at least matrix.rows long
 */
export function dotRows(
  a: Float32Array,
  b: Float32Array,
  matrix: Matrix,
  outA: Float64Array,
  outB: Float64Array,
  firstColumn = 0,
): void {
  const { rows, columns, data } = matrix;
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    dotFourRows(a, b, data, row * columns + firstColumn, columns, outA, outB, row);
  }
  for (; row < rows; row++) {
    const start = row * columns + firstColumn;
    let sumA = 0;
    let sumB = 0;
    for (let c = 0; c < a.length; c++) {
      sumA += a[c] * data[start + c];
      sumB += b[c] * data[start + c];
    }
    outA[row] = sumA;
    outB[row] = sumB;
  }
}

function dotFourRows(
  a: Float32Array,
  b: Float32Array,
  data: Float32Array,
  start: number,
  stride: number,
  outA: Float64Array,
  outB: Float64Array,
  at: number,
): void {
  // `| 0` spares the engine its overflow checks on the indices of the inner loop.
  const start0 = start | 0;
  const start1 = (start0 + stride) | 0;
  const start2 = (start1 + stride) | 0;
  const start3 = (start2 + stride) | 0;
  let a0 = 0;
  let a1 = 0;
  let a2 = 0;
  let a3 = 0;
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  let b3 = 0;
  for (let c = 0; c < a.length; c++) {
    const x = a[c];
    const y = b[c];
    const r0 = data[(start0 + c) | 0];
    const r1 = data[(start1 + c) | 0];
    const r2 = data[(start2 + c) | 0];
    const r3 = data[(start3 + c) | 0];
    a0 += x * r0;
    a1 += x * r1;
    a2 += x * r2;
    a3 += x * r3;
    b0 += y * r0;
    b1 += y * r1;
    b2 += y * r2;
    b3 += y * r3;
  }
  outA[at] = a0;
  outA[at + 1] = a1;
  outA[at + 2] = a2;
  outA[at + 3] = a3;
  outB[at] = b0;
  outB[at + 1] = b1;
  outB[at + 2] = b2;
  outB[at + 3] = b3;
}

/**
 * Dot products of one vector with some rows of a matrix: out[i] = sum over c of vector[c] * matrix[rows[from + i], c], for
 * from + i below `to`. Eight rows share the vector's loads; float64 sums in ascending order, as those of {@link dotRows}.
 *
 * @param vector as long as the matrix has columns
 * @param out at least `to - from` long
 */
export function dotSomeRows(
  vector: Float32Array,
  matrix: Matrix,
  rows: Int32Array,
  from: number,
  to: number,
  out: Float64Array,
): void {
  const { columns, data } = matrix;
  let row = from;
  for (; row + 8 <= to; row += 8) dotEightRows(vector, data, columns, rows, row, out, row - from);
  for (; row < to; row++) {
    const start = (rows[row] * columns) | 0;
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += vector[c] * data[(start + c) | 0];
    out[row - from] = sum;
  }
}

function dotEightRows(
  vector: Float32Array,
  data: Float32Array,
  columns: number,
  rows: Int32Array,
  row: number,
  out: Float64Array,
  at: number,
): void {
  const start0 = (rows[row] * columns) | 0;
  const start1 = (rows[row + 1] * columns) | 0;
  const start2 = (rows[row + 2] * columns) | 0;
  const start3 = (rows[row + 3] * columns) | 0;
  const start4 = (rows[row + 4] * columns) | 0;
  const start5 = (rows[row + 5] * columns) | 0;
  const start6 = (rows[row + 6] * columns) | 0;
  const start7 = (rows[row + 7] * columns) | 0;
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let sum4 = 0;
  let sum5 = 0;
  let sum6 = 0;
  let sum7 = 0;
  for (let c = 0; c < columns; c++) {
    const x = vector[c];
    sum0 += x * data[(start0 + c) | 0];
    sum1 += x * data[(start1 + c) | 0];
    sum2 += x * data[(start2 + c) | 0];
    sum3 += x * data[(start3 + c) | 0];
    sum4 += x * data[(start4 + c) | 0];
    sum5 += x * data[(start5 + c) | 0];
    sum6 += x * data[(start6 + c) | 0];
    sum7 += x * data[(start7 + c) | 0];
  }
  out[at] = sum0;
  out[at + 1] = sum1;
  out[at + 2] = sum2;
  out[at + 3] = sum3;
  out[at + 4] = sum4;
  out[at + 5] = sum5;
  out[at + 6] = sum6;
  out[at + 7] = sum7;
}
