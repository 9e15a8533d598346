import type { Matrix } from "./matrix.js";

/** Shorter rows count as this long, so that a zero row has similarity 0 to everything (as torch's `normalize` has it). */
const shortest = 1e-12;

/** The sum of squares of every row, float64 [rows]. */
export function squaredNorms({ rows, columns, data }: Matrix): Float64Array {
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * columns;
    let sum = 0;
    for (let at = row * columns; at < end; at++) sum += data[at] * data[at];
    result[row] = sum;
  }
  return result;
}

/** 1 / max(|row|, 1e-12) for every row; a cosine is then a dot product times two of these. Float64 [rows]. */
export function inverseNorms(rows: Matrix): Float64Array {
  return squaredNorms(rows).map((square) => 1 / Math.max(Math.sqrt(square), shortest));
}
