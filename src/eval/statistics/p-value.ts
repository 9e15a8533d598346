/**
 * The two-sided p-value of a standard normal statistic: how often chance alone brings one as far from 0, or farther. By the series
 * and the continued fraction of the error function (Abramowitz and Stegun 1964, 7.1.6 and 7.1.14), to twelve digits.
 *
 * @returns 0 to 1; 1 for NaN, which is what no difference with no variance gives
 */
export function twoSided(statistic: number): number {
  if (Number.isNaN(statistic)) return 1;
  const x = Math.abs(statistic) / Math.SQRT2;
  if (x > 26) return 0; // below the smallest double
  return x < 2 ? Math.max(0, 1 - errorFunction(x)) : complement(x);
}

function errorFunction(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

function complement(x: number): number {
  let fraction = 0;
  for (let n = 80; n > 0; n--) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

/**
 * P-values corrected for their number (Holm 1979): where all that fall below 0.05 are called differences, the chance that any of them
 * is none stays below 0.05, however they depend on each other.
 *
 * @returns in the order of the given ones, each 0 to 1 and no smaller than before
 */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).sort((a, b) => values[a]! - values[b]!);
  const corrected = new Array<number>(values.length);
  let most = 0;
  for (const [rank, at] of order.entries()) {
    most = Math.max(most, Math.min(1, (values.length - rank) * values[at]!));
    corrected[at] = most;
  }
  return corrected;
}
