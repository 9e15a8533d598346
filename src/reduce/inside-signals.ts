import type { Matrix } from "../tensor/matrix.js";
import type { Signals } from "./signals.js";
import { insideSites, isWhole, type Region } from "./sites.js";

/**
 * The signals of the patches that show the picture, as if the others were not there: they leave keys, queries and the
 * softmax too, and the grid is the part that is left.
 *
 * @param signals of all of the region's patches
 * @param region with one such patch at least
 */
export function insideSignals(signals: Signals, region: Region): Signals {
  if (isWhole(region)) return signals;
  const { classToken } = signals;
  const patches = insideSites({ ...region, first: 0 });
  const tokens = classToken ? Int32Array.of(0, ...patches.map((patch) => patch + 1)) : patches;
  const { rows, columns } = region.inside!;
  // The graph's own class attention is a softmax over the padding too.
  const { classAttention: _, ...rest } = signals;
  return {
    ...rest,
    grid: { rows, columns },
    patches: pickRows(signals.patches, patches),
    keys: pickRows(signals.keys, tokens),
    queries: classToken ? signals.queries : pickRows(signals.queries, patches),
  };
}

/** Some rows of a matrix, in the given order. */
export function pickRows({ columns, data }: Matrix, rows: ArrayLike<number>): Matrix {
  const picked = new Float32Array(rows.length * columns);
  for (let at = 0; at < rows.length; at++) {
    picked.set(data.subarray(rows[at] * columns, (rows[at] + 1) * columns), at * columns);
  }
  return { rows: rows.length, columns, data: picked };
}
