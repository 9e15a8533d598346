import { logarithmicRange } from "./strength.js";

/** One bar: how many values lie in [from, to), the last bar's end included. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/**
 * Counts values in bins of equal width on a logarithmic scale; zeros fall into the first.
 *
 * @param values not negative; all in one bin where they are all equal
 * @param bins at most this many
 */
export function histogram(values: Float32Array, bins: number): readonly Bin[] {
  const { low, high } = logarithmicRange(values);
  if (high === low) return [{ from: Math.exp(low), to: Math.exp(high), count: values.length }];
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    const at = value > 0 ? Math.floor(((Math.log(value) - low) / (high - low)) * bins) : 0;
    counts[Math.min(bins - 1, Math.max(0, at))]++;
  }
  const edge = (i: number) => Math.exp(low + ((high - low) * i) / bins);
  return counts.map((count, i) => ({ from: edge(i), to: edge(i + 1), count }));
}
