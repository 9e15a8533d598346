import { dotRows } from "../tensor/dot.js";
import type { Matrix } from "../tensor/matrix.js";

/** Rows that belong together. */
export interface DensityClusters {
  /** The row that each cluster is around, ascending. */
  readonly centres: Int32Array;
  /** Per row the number of its cluster. */
  readonly home: Int32Array;
}

/**
 * Clusters around density peaks (Rodriguez and Laio 2014, with the density of the k nearest neighbours, Du et al. 2016): centres are rows
 * that have near neighbours and are far from every row that has nearer ones.
 *
 * Distances are Euclidean, over sqrt(C). A row's density is exp(-m) with m the mean of the squares of its k smallest distances, its own, 0,
 * among them. Its score is the density times the distance to the nearest row of higher density, or to the largest distance of all where there
 * is none. Centres are the highest scores; every other row belongs to its nearest centre. Ties go to the lowest row.
 *
 * @param count of clusters, 1 .. rows
 * @param neighbours k; all rows where there are fewer
 */
export function densityClusters(rows: Matrix, count: number, neighbours: number): DensityClusters {
  const total = rows.rows;
  const distances = distancesOf(rows);
  const row = (at: number) => distances.subarray(at * total, (at + 1) * total);
  const k = Math.min(neighbours, total);
  const density = Float64Array.from({ length: total }, (_, at) => {
    const nearest = row(at).slice().sort().subarray(0, k);
    return Math.exp(-nearest.reduce((sum, distance) => sum + distance ** 2, 0) / k);
  });
  const farthest = distances.reduce((most, distance) => Math.max(most, distance), 0);
  const score = density.map((own, at) => {
    let nearest = farthest;
    row(at).forEach((distance, other) => {
      if (density[other]! > own) nearest = Math.min(nearest, distance);
    });
    return own * nearest;
  });
  const ranked = Array.from(score.keys()).sort((a, b) => score[b]! - score[a]! || a - b);
  const centres = Int32Array.from(ranked.slice(0, count)).sort();
  const home = Int32Array.from({ length: total }, (_, at) => {
    const own = centres.indexOf(at);
    if (own >= 0) return own;
    let best = 0;
    for (let centre = 1; centre < centres.length; centre++)
      if (row(at)[centres[centre]!]! < row(at)[centres[best]!]!) best = centre;
    return best;
  });
  return { centres, home };
}

/** Between every two rows, over sqrt(C): float64 [rows, rows]. */
function distancesOf(rows: Matrix): Float64Array {
  const { rows: total, columns, data } = rows;
  const products = new Float64Array(total * total);
  const row = (at: number) => data.subarray(at * columns, (at + 1) * columns);
  const line = (at: number) => products.subarray(at * total, (at + 1) * total);
  const spare = new Float64Array(total);
  for (let at = 0; at < total; at += 2) {
    const last = at + 1 === total;
    dotRows(row(at), row(last ? at : at + 1), rows, line(at), last ? spare : line(at + 1));
  }
  const squares = Float64Array.from({ length: total }, (_, at) => products[at * total + at]!);
  return products.map((product, at) => {
    const [one, other] = [Math.floor(at / total), at % total];
    if (one === other) return 0;
    return Math.sqrt(Math.max(0, squares[one]! + squares[other]! - 2 * product) / columns);
  });
}
