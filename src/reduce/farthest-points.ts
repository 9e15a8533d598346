import { inverseNorms } from "../tensor/cosine.js";
import { dotRows } from "../tensor/dot.js";
import type { Matrix } from "../tensor/matrix.js";

/** Dot products of every two rows, float32 [N, N], symmetric; sums are float64. */
export function gramMatrix(rows: Matrix): Float32Array {
  const { rows: count, columns, data } = rows;
  const products = new Float32Array(count * count);
  const [one, two] = [new Float64Array(count), new Float64Array(count)];
  const row = (at: number) => data.subarray(at * columns, (at + 1) * columns);
  for (let at = 0; at < count; at += 2) {
    const next = Math.min(at + 1, count - 1);
    // Rows before these are known by symmetry.
    const rest = { rows: count - at, columns, data: data.subarray(at * columns) };
    dotRows(row(at), row(next), rest, one, two);
    for (let other = at; other < count; other++) {
      products[at * count + other] = products[other * count + at] = one[other - at];
      products[next * count + other] = products[other * count + next] = two[other - at];
    }
  }
  return products;
}

/** Cosines of every two rows, out of their dot products. */
export function cosines(rows: Matrix, products: Float32Array): Float32Array {
  const norms = inverseNorms(rows);
  return products.map((product, at) => product * norms[Math.floor(at / rows.rows)] * norms[at % rows.rows]);
}

/**
 * Points that lie far from each other: first the one whose nearest other is farthest, then each time the one that is
 * farthest from all chosen so far. Distance is 1 - cosine; of equal ones the lowest index.
 *
 * @param similarities cosines [N, N]
 * @returns `count` indices, 1 .. N, in the order in which they were chosen
 */
export function farthestPoints(similarities: Float32Array, points: number, count: number): Int32Array {
  const chosen = new Int32Array(count);
  // Similarity to the nearest chosen point; at first to the nearest other.
  const nearest = new Float32Array(points).fill(-Infinity);
  for (let at = 0; at < points; at++) {
    for (let other = 0; other < points; other++) {
      const similarity = similarities[at * points + other];
      if (other !== at && similarity > nearest[at]) nearest[at] = similarity;
    }
  }
  chosen[0] = leastOf(nearest);
  nearest.fill(-Infinity);
  for (let round = 1; round < count; round++) {
    const last = chosen[round - 1];
    for (let at = 0; at < points; at++) {
      const similarity = similarities[last * points + at];
      if (similarity > nearest[at]) nearest[at] = similarity;
    }
    for (let each = 0; each < round; each++) nearest[chosen[each]] = Infinity;
    chosen[round] = leastOf(nearest);
  }
  return chosen;
}

function leastOf(values: Float32Array): number {
  let least = 0;
  for (let at = 1; at < values.length; at++) if (values[at] < values[least]) least = at;
  return least;
}
