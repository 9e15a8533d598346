import { inverseNorms } from "../tensor/cosine.js";
import { dotSomeRows } from "../tensor/dot.js";
import type { Matrix } from "../tensor/matrix.js";
import { chooseGreedily } from "./greedy.js";

/** A smaller distance is rounding noise of float64. */
const noise = 1e-12;
/** Rows that a candidate is compared with before another one may be the better candidate. */
const block = 16;

/** Distance of rows i and j, whose product is `dot`. */
export type RowDistance = (dot: number, i: number, j: number) => number;

/** 1 - cosine; what is rounding noise is 0. */
export function rowDistance(rows: Matrix): RowDistance {
  const inverse = inverseNorms(rows);
  return (dot, i, j) => {
    // The product of the norms in brackets: the distance of two rows has the same bits from both ends.
    const found = 1 - dot * (inverse[i] * inverse[j]);
    return found < noise ? 0 : found;
  };
}

/**
 * `count` rows that lie far from each other, in the order of choice: first the one whose nearest other is farthest, then
 * each time the one that is farthest from all chosen so far. Distance is 1 - cosine; of equal ones the lowest index.
 */
export function farthestRows(rows: Matrix, count: number): Int32Array {
  const distance = rowDistance(rows);
  const dots = new Float64Array(block);
  const known = new Int32Array(rows.rows);
  const row = (at: number) => rows.data.subarray(at * rows.columns, (at + 1) * rows.columns);
  const nearest = new Float64Array(rows.rows).fill(2);
  nearest[loneliestRow(rows, distance)] = Number.POSITIVE_INFINITY;
  return chooseGreedily(nearest, count, (candidate, chosen, made) => {
    const from = known[candidate];
    if (from === made) return false;
    const to = Math.min(made, from + block);
    dotSomeRows(row(candidate), rows, chosen, from, to, dots);
    for (let at = from; at < to; at++) {
      nearest[candidate] = Math.min(nearest[candidate], distance(dots[at - from], candidate, chosen[at]));
    }
    known[candidate] = to;
    return true;
  });
}

/**
 * The row whose nearest other row is the farthest away, of equal ones the lowest. Rows that follow in raster order are looked at first:
 * they are often near.
 */
export function loneliestRow(rows: Matrix, distance: RowDistance): number {
  const all = rows.rows;
  const dots = new Float64Array(block);
  const twice = Int32Array.from({ length: 2 * all }, (_, at) => at % all);
  const worths = new Float64Array(all).fill(Number.POSITIVE_INFINITY);
  const least = worths.slice(); // what is found out about a row while another one is looked at
  const seen = new Int32Array(all);
  const [first] = chooseGreedily(worths, 1, (candidate) => {
    const from = seen[candidate];
    if (worths[candidate] === least[candidate]) {
      if (from === all - 1) return false;
      const to = Math.min(all - 1, from + block);
      const start = candidate + 1;
      const own = rows.data.subarray(candidate * rows.columns, (candidate + 1) * rows.columns);
      dotSomeRows(own, rows, twice, start + from, start + to, dots);
      for (let at = from; at < to; at++) {
        const other = twice[start + at];
        const found = distance(dots[at - from], candidate, other);
        if (found < least[candidate]) least[candidate] = found;
        if (found < least[other]) least[other] = found;
      }
      seen[candidate] = to;
    }
    worths[candidate] = least[candidate];
    return true;
  });
  return first;
}
