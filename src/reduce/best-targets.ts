import { dotRows } from "../tensor/dot.js";
import type { Matrix } from "../tensor/matrix.js";

/** The best target of each source. */
export interface BestTargets {
  /** Index into the targets; ties go to the first. */
  readonly target: Int32Array;
  /** Its cosine. */
  readonly similarity: Float64Array;
}

/**
 * For each source row of a matrix the target row of highest cosine.
 *
 * @param norms 1 / |row| of every row, as `inverseNorms` gives them
 * @param targets at least one where there are sources
 */
export function bestTargets(
  matrix: Matrix,
  norms: Float64Array,
  sources: readonly number[],
  targets: readonly number[],
): BestTargets {
  const { columns, data } = matrix;
  const row = (at: number) => data.subarray(at * columns, (at + 1) * columns);
  const candidates = { rows: targets.length, columns, data: new Float32Array(targets.length * columns) };
  targets.forEach((at, i) => {
    candidates.data.set(row(at), i * columns);
  });
  const scores = [new Float64Array(targets.length), new Float64Array(targets.length)] as const;
  const target = new Int32Array(sources.length);
  const similarity = new Float64Array(sources.length).fill(Number.NEGATIVE_INFINITY);
  for (let first = 0; first < sources.length; first += 2) {
    const pair = sources.slice(first, first + 2);
    dotRows(row(pair[0]!), row(pair.at(-1)!), candidates, scores[0], scores[1]);
    pair.forEach((source, at) => {
      for (let i = 0; i < targets.length; i++) {
        const cosine = scores[at]![i]! * norms[targets[i]!]! * norms[source]!;
        if (!(cosine > similarity[first + at]!)) continue;
        similarity[first + at] = cosine;
        target[first + at] = i;
      }
    });
  }
  return { target, similarity };
}
