import type { Matrix } from "./matrix.js";

/** Shorter rows count as this long, so that a zero row has similarity 0 to everything (as torch's `normalize` has it). */
const shortest = 1e-12;

/** 1 / max(|row|, 1e-12) for every row; a cosine is then a dot product times two of these. Float64 [rows]. */
export function inverseNorms({ rows, columns, data }: Matrix): Float64Array {
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * columns;
    let sum = 0;
    for (let at = row * columns; at < end; at++) sum += data[at] * data[at];
    result[row] = 1 / Math.max(Math.sqrt(sum), shortest);
  }
  return result;
}
