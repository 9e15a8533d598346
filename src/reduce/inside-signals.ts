import type { Matrix } from "../tensor/matrix.js";
import { gatherSignals, type LastLayer, lastLayer, type Signals } from "./signals.js";
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
  const { classToken, heads, projected } = signals;
  const sites = insideSites({ ...region, first: 0 });
  const { rows, columns } = region.inside!;
  const others = {
    grid: { rows, columns },
    patches: pickRows(signals.patches, sites),
    classToken,
    heads,
    ...(projected !== undefined && { projected: pickRows(projected, sites) }),
  };
  const last = lastLayer(signals);
  return gatherSignals(others, last && insideLayer(last, sites, classToken));
}

/** Without the graph's own class attention, whose softmax runs over the padding too. */
function insideLayer({ keys, queries }: LastLayer, sites: Int32Array, classToken: boolean): LastLayer {
  if (!classToken) return { keys: pickRows(keys, sites), queries: pickRows(queries, sites) };
  return { keys: pickRows(keys, Int32Array.of(0, ...sites.map((site) => site + 1))), queries };
}

/** Some rows of a matrix, in the given order. */
export function pickRows({ columns, data }: Matrix, rows: ArrayLike<number>): Matrix {
  const picked = new Float32Array(rows.length * columns);
  for (let at = 0; at < rows.length; at++) {
    picked.set(data.subarray(rows[at] * columns, (rows[at] + 1) * columns), at * columns);
  }
  return { rows: rows.length, columns, data: picked };
}
