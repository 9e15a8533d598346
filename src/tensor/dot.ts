import type { Matrix } from "./matrix.js";

/**
 * Dot products of one vector with every row of a matrix: out[r] = sum over c of vector[c] * matrix[r, firstColumn + c].
 *
 * Float32 in, float64 sums. Four rows share each load of the vector (about twice as fast as one row at a time), yet every
 * sum runs over c in ascending order, so that equal rows give equal bits wherever they lie, and ties stay ties.
 *
 * @param vector its length is the number of columns used
 * @param out at least matrix.rows long
 */
export function dotRows(vector: Float32Array, matrix: Matrix, out: Float64Array, firstColumn = 0): void {
  const { rows, columns, data } = matrix;
  const width = vector.length;
  const tiled = rows - (rows % 4);
  for (let row = 0; row < tiled; row += 4) {
    const start0 = row * columns + firstColumn;
    const start1 = start0 + columns;
    const start2 = start1 + columns;
    const start3 = start2 + columns;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    for (let c = 0; c < width; c++) {
      const x = vector[c];
      sum0 += x * data[start0 + c];
      sum1 += x * data[start1 + c];
      sum2 += x * data[start2 + c];
      sum3 += x * data[start3 + c];
    }
    out[row] = sum0;
    out[row + 1] = sum1;
    out[row + 2] = sum2;
    out[row + 3] = sum3;
  }
  for (let row = tiled; row < rows; row++) {
    const start = row * columns + firstColumn;
    let sum = 0;
    for (let c = 0; c < width; c++) sum += vector[c] * data[start + c];
    out[row] = sum;
  }
}
