import type { Matrix } from "prumerge/reduce";

/** A selection by the documented rule of `divPrune`, and the distance that each pick had. */
export interface Derived {
  readonly order: readonly number[];
  readonly scores: readonly number[];
}

/** Where copies of kept patches begin, in the recordings' float32. */
export const float32Noise = 1e-5;

/** The documented rule, worked out with a whole table of distances and without the code under test. */
export function derive(rows: Matrix, count: number): Derived {
  const distances = distanceTable(rows);
  const order: number[] = [];
  const scores: number[] = [];
  while (order.length < count) {
    const worths = worthsAfter(distances, order);
    const best = worths.reduce((found, worth, at) => (worth > worths[found]! ? at : found), 0);
    scores.push(worths[best]!);
    order.push(best);
  }
  return { order, scores };
}

/**
 * Whether recorded picks keep to the rule: each as far from those before it as any other could be, but for float32's noise,
 * until nothing but copies is left.
 */
export function keepsToTheRule(rows: Matrix, picks: readonly number[]): boolean {
  const distances = distanceTable(rows);
  return picks.every((pick, at) => {
    const worths = worthsAfter(distances, picks.slice(0, at));
    const most = Math.max(...worths);
    return most < float32Noise || worths[pick]! > most - 1e-6;
  });
}

/** Each row's distance to the nearest of those that are kept, or at first to the nearest other; -1 for those that are kept. */
function worthsAfter(distances: readonly number[][], kept: readonly number[]): number[] {
  return distances.map((line, i) => {
    if (kept.includes(i)) return -1;
    const others = kept.length === 0 ? line.filter((_, j) => j !== i) : kept.map((j) => line[j]!);
    return Math.min(...others);
  });
}

function distanceTable({ rows, columns, data }: Matrix): number[][] {
  const units = Array.from({ length: rows }, (_, i) => {
    const row = Array.from(data.subarray(i * columns, (i + 1) * columns));
    const norm = Math.hypot(...row);
    return norm === 0 ? row : row.map((value) => value / norm);
  });
  return units.map((one) =>
    units.map((other) => {
      const distance = 1 - one.reduce((sum, value, c) => sum + value * other[c]!, 0);
      return distance < 1e-12 ? 0 : distance;
    }),
  );
}

/** Whether a row has no direction, which the released program makes NaN of. */
export function hasZeroRow({ rows, columns, data }: Matrix): boolean {
  return Array.from({ length: rows }, (_, i) => data.subarray(i * columns, (i + 1) * columns)).some((row) =>
    row.every((value) => value === 0),
  );
}
