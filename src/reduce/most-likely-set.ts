import { squaredNorms } from "../tensor/cosine.js";
import { dotSomeRows } from "../tensor/dot.js";
import type { Matrix } from "../tensor/matrix.js";
import { chooseGreedily } from "./greedy.js";

/** The kernel of a determinantal point process, and what its greedy choice is told. */
export interface SetKernel {
  /** By what the cosine of two rows is multiplied. */
  scale(a: number, b: number): number;
  /** Is added under the root that a row of the Cholesky factor is divided by. */
  readonly epsilon: number;
  /** What a row is worth whose diagonal has this much left: never more than before. */
  worth(left: number, at: number): number;
  /** Rows that are worth less are no more brought up to date. */
  readonly least: number;
}

const block = 16;

/**
 * Greedy choice of the largest determinant of scale(i, j) S_ij, S the cosine, by rows of its Cholesky factor: each candidate's row
 * grows only as far as it is looked at. Ties go to the lowest row.
 *
 * @param inverse 1 over the norm of each row, 0 for a row of zeros
 * @param count 0 .. number of rows
 * @returns rows in the order of choice, [count]
 */
export function mostLikelySet(
  rows: Matrix,
  inverse: ArrayLike<number>,
  count: number,
  { scale, epsilon, worth, least }: SetKernel,
): Int32Array {
  const row = (at: number) => rows.data.subarray(at * rows.columns, (at + 1) * rows.columns);
  const factor = new Float64Array(rows.rows * count);
  const known = new Int32Array(rows.rows);
  const dots = new Float64Array(block);
  // But for rounding, and for norms that are kept from 0, a row's cosine with itself is 1.
  const left = squaredNorms(rows).map((square, at) => scale(at, at) * snapped(square * inverse[at]! ** 2));
  const worths = left.map(worth);
  return chooseGreedily(worths, count, (candidate, chosen, made) => {
    const from = known[candidate]!;
    if (from === made || worths[candidate]! < least) return false;
    const to = Math.min(made, from + block);
    dotSomeRows(row(candidate), rows, chosen, from, to, dots);
    const own = candidate * count;
    for (let at = from; at < to; at++) {
      const pick = chosen[at]!;
      const cosine = dots[at - from]! * (inverse[candidate]! * inverse[pick]!);
      let rest = scale(candidate, pick) * cosine;
      for (let t = 0; t < at; t++) rest -= factor[own + t]! * factor[pick * count + t]!;
      const entry = rest / Math.sqrt(left[pick]! + epsilon);
      factor[own + at] = entry;
      left[candidate]! -= entry ** 2;
    }
    known[candidate] = to;
    worths[candidate] = worth(left[candidate]!, candidate);
    return true;
  });
}

function snapped(cosine: number): number {
  return Math.abs(cosine - 1) < 1e-12 ? 1 : cosine;
}
