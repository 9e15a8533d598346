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
