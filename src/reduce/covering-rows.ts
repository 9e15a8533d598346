import { dotSomeRows } from "../tensor/dot.js";
import type { Matrix } from "../tensor/matrix.js";
import { loneliestRow, rowDistance } from "./farthest-rows.js";

/** Rows that lie far from each other, and where the others belong. */
export interface Covering {
  /** In the order of choice; the choice of `farthestRows`. */
  readonly centres: Int32Array;
  /** Per row its centre: of the least squared Euclidean distance, ties to the one chosen first, a centre its own. */
  readonly home: Int32Array;
}

/**
 * As `farthestRows`, with all products of each centre at once: where the others belong needs every one of them anyway.
 *
 * @param most centres, 1 .. rows
 * @param reach fewer where no row is farther than this from one, 1 - cosine; default: never
 */
export function coverRows(rows: Matrix, most: number, reach = Number.NEGATIVE_INFINITY): Covering {
  const { rows: count, columns, data } = rows;
  const distance = rowDistance(rows);
  const all = Int32Array.from({ length: count }, (_, row) => row);
  const products = new Float64Array(count);
  const farthest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const square = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const home = new Int32Array(count);
  const centres: number[] = [];
  let next = loneliestRow(rows, distance);
  while (centres.length < most && farthest[next] > reach) {
    const centre = next;
    centres.push(centre);
    dotSomeRows(data.subarray(centre * columns, (centre + 1) * columns), rows, all, 0, count, products);
    for (let row = 0; row < count; row++) {
      const away = distance(products[row], row, centre);
      if (away < farthest[row]) farthest[row] = away;
      // The row's own square is the same for all centres.
      const squared = products[centre] - 2 * products[row];
      if (squared < square[row]) [square[row], home[row]] = [squared, centre];
    }
    farthest[centre] = Number.NEGATIVE_INFINITY; // not twice, whatever it equals
    next = farthest.reduce((best, away, row) => (away > farthest[best] ? row : best), 0);
  }
  for (const centre of centres) home[centre] = centre;
  return { centres: Int32Array.from(centres), home };
}
