import type { Matrix } from "../tensor/matrix.js";
import { type EarlierLayer, gatherSignals, type LastLayer, lastLayer, type Signals } from "./signals.js";
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
  const { classToken, heads, projected, relevance, layers, classFeatures } = signals;
  const sites = insideSites({ ...region, first: 0 });
  const { rows, columns } = region.inside!;
  const others = {
    grid: { rows, columns },
    patches: pickRows(signals.patches, sites),
    classToken,
    heads,
    ...(projected !== undefined && { projected: pickRows(projected, sites) }),
    ...(relevance !== undefined && { relevance: Float32Array.from(sites, (site) => relevance[site]) }),
    ...(layers !== undefined && { layers: insideLayers(layers, sites, classToken) }),
    ...(classFeatures !== undefined && { classFeatures }),
  };
  const last = lastLayer(signals);
  return gatherSignals(others, last && insideLayer(last, sites, classToken));
}

/**
 * Without the graph's own class attention, whose softmax runs over the padding too; but for blocks of patches, where the graph
 * was told of the padding.
 */
function insideLayer(last: LastLayer, sites: Int32Array, classToken: boolean): LastLayer {
  const { keys, queries, classAttention, headAttention } = last;
  if (headAttention !== undefined) {
    const others = classAttention !== undefined && { classAttention: pick(classAttention, sites) };
    return {
      keys: pickRows(keys, sites),
      queries: pickRows(queries, sites),
      headAttention: pick(headAttention, sites),
      ...others,
    };
  }
  if (!classToken) return { keys: pickRows(keys, sites), queries: pickRows(queries, sites) };
  return { keys: pickRows(keys, withClassToken(sites)), queries };
}

function insideLayers(
  layers: Readonly<Record<number, EarlierLayer>>,
  sites: Int32Array,
  classToken: boolean,
): Record<number, EarlierLayer> {
  const tokens = classToken ? withClassToken(sites) : sites;
  return Object.fromEntries(
    Object.entries(layers).map(([layer, { keys, queries, headAttention }]) => [
      layer,
      {
        keys: pickRows(keys, tokens),
        queries: pickRows(queries, tokens),
        ...(headAttention !== undefined && { headAttention: pick(headAttention, sites) }),
      },
    ]),
  );
}

/** Rows of a tower's tokens, of which the class token is the first. */
function withClassToken(sites: Int32Array): Int32Array {
  return Int32Array.of(0, ...sites.map((site) => site + 1));
}

function pick(values: Float32Array, sites: Int32Array): Float32Array {
  return Float32Array.from(sites, (site) => values[site]!);
}

/** Some rows of a matrix, in the given order. */
export function pickRows({ columns, data }: Matrix, rows: ArrayLike<number>): Matrix {
  const picked = new Float32Array(rows.length * columns);
  for (let at = 0; at < rows.length; at++) {
    picked.set(data.subarray(rows[at] * columns, (rows[at] + 1) * columns), at * columns);
  }
  return { rows: rows.length, columns, data: picked };
}
