/**
 * Linear percentile of float32 values, every step rounded to float32 as numpy does it (`numpy.percentile`, method
 * "linear", float32 input), including its two interpolation branches: outlier counts depend on the last bit.
 *
 * @param sorted ascending, at least one value, no NaN
 * @param fraction 0 .. 1; exact in float32 (0.25 and 0.75 are)
 */
export function percentile(sorted: Float32Array, fraction: number): number {
  const round = Math.fround;
  const position = round((sorted.length - 1) * fraction);
  const low = Math.floor(position);
  const high = Math.min(low + 1, sorted.length - 1);
  const weight = round(position - low);
  const difference = round(sorted[high] - sorted[low]);
  return weight < 0.5
    ? round(sorted[low] + round(difference * weight))
    : round(sorted[high] - round(difference * round(1 - weight)));
}
