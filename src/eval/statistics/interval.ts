/** A 95 % confidence interval, and how it was worked out. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  /**
   * `wilson`: of a score, Wilson's interval for as many independent pictures as its answers are worth. `bonett-price`: of a paired
   * difference or ratio, Bonett and Price's adjusted interval. docs/evaluate.md has both.
   */
  readonly method: "wilson" | "bonett-price";
  /** How many independent pictures the answers are worth. */
  readonly effective: number;
}

/** The standard normal's 97.5 % quantile: 95 % lie within plus and minus it. */
export const normal95 = 1.959963984540054;

/**
 * Wilson's score interval of a share (Wilson 1927; Agresti and Coull 1998, formula 2): honest at 0 and 1, and everything where
 * there is nothing to tell from.
 *
 * @param share 0 to 1
 * @param count 0 or more trials, need not be whole
 * @returns two numbers from 0 to 1, `share` between them
 */
export function wilson(share: number, count: number): { readonly low: number; readonly high: number } {
  const square = normal95 ** 2;
  const middle = count * share + square / 2;
  const reach = normal95 * Math.sqrt(count * share * (1 - share) + square / 4);
  const whole = count + square;
  return {
    low: Math.min(share, Math.max(0, (middle - reach) / whole)),
    high: Math.max(share, Math.min(1, (middle + reach) / whole)),
  };
}
