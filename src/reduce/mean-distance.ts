import { inverseNorms } from "../tensor/cosine.js";
import type { Matrix } from "../tensor/matrix.js";

/**
 * Mean distance of two rows, 1 - cosine, over all pairs of different ones; of one row 0. A row of zeros is at 1 from all others.
 * The square of the sum of all directions holds every pair's cosine, so that no pair is looked at.
 */
export function meanDistance(matrix: Matrix): number {
  const { rows, columns, data } = matrix;
  if (rows < 2) return 0;
  const inverse = inverseNorms(matrix);
  const sum = new Float64Array(columns);
  let own = 0;
  for (let row = 0; row < rows; row++) {
    let square = 0;
    for (let c = 0; c < columns; c++) {
      const value = data[row * columns + c]! * inverse[row]!;
      sum[c]! += value;
      square += value * value;
    }
    own += square;
  }
  const all = sum.reduce((total, value) => total + value * value, 0);
  return 1 - (all - own) / (rows * (rows - 1));
}
