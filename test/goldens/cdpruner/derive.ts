import type { Matrix } from "prumerge/reduce";

/** Picks by the documented rule of `cdPruner`, and what each added to the diagonal when it was picked. */
export interface Derived {
  readonly order: readonly number[];
  readonly added: readonly number[];
}

/** In the recordings' float32, what is left of a diagonal below this is noise. */
export const float32Noise = 1e-4;

/** Minus the mean cosine to the question's parts, float64. */
export function rawRelevance(patches: Matrix, question: Matrix): number[] {
  const parts = unitRows(question);
  return unitRows(patches).map(
    (patch) => -parts.reduce((sum, part) => sum + dot(patch, part), 0) / parts.length,
  );
}

/** (relevance - least + 1e-6) / (largest - least) over all pictures of a batch; 1 where all are equal. */
export function scaledTogether(pictures: readonly (readonly number[])[]): number[][] {
  const [least, largest] = rangeOf(pictures);
  return pictures.map((values) =>
    values.map((value) => (largest === least ? 1 : (value - least + 1e-6) / (largest - least))),
  );
}

export function rangeOf(pictures: readonly (readonly number[])[]): [number, number] {
  const all = pictures.flat();
  return [Math.min(...all), Math.max(...all)];
}

/** The documented rule with the whole kernel, every diagonal brought up to date at every step. */
export function derive(projected: Matrix, weights: readonly number[], count: number): Derived {
  const kernel = kernelOf(projected, weights);
  // A direction's own cosine is 1, whatever rounding says: equal relevance is a tie.
  const left = kernel.map((line, at) => (line[at] === 0 ? 0 : weights[at]! ** 2));
  const columns: number[][] = [];
  const order: number[] = [];
  const added: number[] = [];
  while (order.length < count) {
    const free = left.map((value, at) => (order.includes(at) ? -Infinity : value));
    const most = Math.max(...free);
    const worths = most > 1e-8 ? free : free.map((value, at) => (value === -Infinity ? value : weights[at]!));
    const pick = worths.indexOf(Math.max(...worths));
    added.push(left[pick]!);
    order.push(pick);
    if (most > 1e-8) columns.push(takeOut(kernel, left, columns, pick));
  }
  return { order, added };
}

/**
 * Whether recorded picks keep to the rule: each adding as much as any other could, but for float32's noise, until only noise
 * is left.
 */
export function keepsToTheRule(
  projected: Matrix,
  weights: readonly number[],
  picks: readonly number[],
): boolean {
  const kernel = kernelOf(projected, weights);
  const left = kernel.map((line, at) => line[at]!);
  const columns: number[][] = [];
  const taken = new Set<number>();
  for (const pick of picks) {
    const most = Math.max(...left.filter((_, at) => !taken.has(at)));
    if (most < float32Noise) return true;
    if (taken.has(pick) || left[pick]! < most - 1e-5) return false;
    taken.add(pick);
    columns.push(takeOut(kernel, left, columns, pick));
  }
  return true;
}

/** A pick's column of the Cholesky factor, taken out of every diagonal. */
function takeOut(
  kernel: readonly number[][],
  left: number[],
  columns: readonly number[][],
  pick: number,
): number[] {
  const root = Math.sqrt(left[pick]!);
  const column = kernel[pick]!.map(
    (value, at) => (value - columns.reduce((sum, one) => sum + one[pick]! * one[at]!, 0)) / root,
  );
  column.forEach((value, at) => {
    left[at]! -= value ** 2;
  });
  return column;
}

function kernelOf(projected: Matrix, weights: readonly number[]): number[][] {
  const units = unitRows(projected);
  return units.map((one, i) => units.map((other, j) => weights[i]! * dot(one, other) * weights[j]!));
}

export function unitRows({ rows, columns, data }: Matrix): number[][] {
  return Array.from({ length: rows }, (_, at) => {
    const row = Array.from(data.subarray(at * columns, (at + 1) * columns));
    const norm = Math.sqrt(dot(row, row));
    return norm === 0 ? row : row.map((value) => value / norm);
  });
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, c) => sum + value * b[c]!, 0);
}
