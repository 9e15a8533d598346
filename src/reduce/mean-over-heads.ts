import type { Matrix } from "../tensor/matrix.js";

/** Rows of concatenated heads, [T, heads * d], averaged over the heads: [T, d]. */
export function meanOverHeads({ rows, columns, data }: Matrix, heads: number): Matrix {
  const width = columns / heads;
  const mean = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < width; c++) {
      let sum = 0;
      for (let head = 0; head < heads; head++) sum += data[row * columns + head * width + c]!;
      mean[row * width + c] = sum / heads;
    }
  }
  return { rows, columns: width, data: mean };
}
