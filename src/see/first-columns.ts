import type { Matrix } from "../tensor/matrix.js";

/** Of words as wide as a row of the language model's input what pictures are compared with: their own part of it. */
export function firstColumns({ rows, columns, data }: Matrix, count: number): Matrix {
  if (count >= columns) return { rows, columns, data };
  const first = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++)
    first.set(data.subarray(row * columns, row * columns + count), row * count);
  return { rows, columns: count, data: first };
}
