/**
 * How much values rise from the first to the last of them by their general trend: the median slope over all pairs
 * (Theil and Sen), which a few outliers do not move.
 */
export function rise(values: readonly number[]): number {
  const slopes = values
    .flatMap((value, at) => values.slice(at + 1).map((later, steps) => (later - value) / (steps + 1)))
    .sort((a, b) => a - b);
  return slopes[Math.floor(slopes.length / 2)]! * (values.length - 1);
}
