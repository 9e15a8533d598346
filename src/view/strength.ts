import type { Inspection } from "./inspection.js";

/**
 * Attention as shares of the way from the least to the most, on a logarithmic scale: attention spans orders of
 * magnitude, and on a straight scale one patch would outshine all others. Zeros count as the least above them.
 *
 * @returns [N], 0 to 1; undefined where no attention is known
 */
export function attentionStrengths({ levels }: Inspection): Float64Array | undefined {
  if (levels === undefined) return undefined;
  const { low, high } = logarithmicRange(levels);
  return Float64Array.from(levels, (value) =>
    high === low ? 0.5 : Math.max(0, (Math.log(value) - low) / (high - low)),
  );
}

/** Natural logarithms of the smallest and largest positive value; both 0 where there is none. */
export function logarithmicRange(values: Float32Array): { readonly low: number; readonly high: number } {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return { low: 0, high: 0 };
  const { least, most } = attentionRange(positive);
  return { low: Math.log(least), high: Math.log(most) };
}

/** Smallest and largest value. */
export function attentionRange(values: Float32Array): { readonly least: number; readonly most: number } {
  const [least, most] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  return { least, most };
}
