import { type Interval, normal95 } from "./interval.js";
import type { LinearScore } from "./linear-score.js";
import { twoSided } from "./p-value.js";
import { coarseness, stratifiedVariance, worthOf } from "./variance.js";

/** A difference of two sets of answers to the same questions. */
export interface PairedDifference extends PairedEstimate {
  /** Two-sided p-value of the interval's own statistic: below 0.05 where the interval leaves out 0. */
  readonly p: number;
}

/** A number that two sets of answers to the same questions give together. */
export interface PairedEstimate {
  readonly value: number;
  readonly interval: Interval;
  /** Square of its standard error, for sums of such numbers. */
  readonly variance: number;
}

/**
 * One score less another, on the same pictures: the adjusted Wald interval of Bonett and Price (2012), for shares that are sums
 * over pictures. One picture that only the first has right and one that only the second has right are added: two sets of answers
 * that agree on all of 24 pictures need not agree on the next.
 */
export function pairedDifference(first: LinearScore, second: LinearScore): PairedDifference {
  const { points } = first;
  const difference = first.part - second.part;
  const { pictures, variance, coarse } = compare(first, second, 1);
  const middle = (difference * pictures) / (pictures + 2);
  const squares = (pictures * (pictures * variance + difference ** 2) + 2 * coarse) / (pictures + 2);
  const square = Math.max(0, squares - middle ** 2) / (pictures + 2);
  const reach = normal95 * Math.sqrt(square);
  return {
    value: points * difference,
    variance: points ** 2 * square,
    p: twoSided(middle / Math.sqrt(square)),
    interval: {
      low: points * Math.max(-1, Math.min(difference, middle - reach)),
      high: points * Math.min(1, Math.max(difference, middle + reach)),
      ...{ method: "bonett-price", effective: pictures },
    },
  };
}

/**
 * One score over another on the same pictures, percent: linearised, with the two pictures of {@link pairedDifference}.
 *
 * @returns undefined where the second is 0
 */
export function pairedRatio(first: LinearScore, second: LinearScore): PairedEstimate | undefined {
  if (second.part === 0) return undefined;
  const ratio = first.part / second.part;
  const { pictures, variance, coarse } = compare(first, second, ratio);
  const squares = (pictures * pictures * variance + 2 * coarse) / (pictures + 2);
  const square = squares / (pictures + 2) / second.part ** 2;
  return percent(100 * ratio, 1e4 * square, pictures);
}

/** The mean of ratios of several tasks, which have no pictures in common. */
export function meanRatio(ratios: readonly PairedEstimate[]): PairedEstimate {
  const sum = (of: (one: PairedEstimate) => number) => ratios.reduce((total, one) => total + of(one), 0);
  const count = ratios.length;
  const effective = sum(({ interval }) => interval.effective);
  return percent(sum(({ value }) => value) / count, sum(({ variance }) => variance) / count ** 2, effective);
}

function percent(value: number, variance: number, effective: number): PairedEstimate {
  const reach = normal95 * Math.sqrt(variance);
  const interval = { low: Math.max(0, value - reach), high: value + reach };
  return { value, variance, interval: { ...interval, method: "bonett-price", effective } };
}

/** Of the first less `factor` times the second: its variance, and how coarse the two differ. */
function compare(first: LinearScore, second: LinearScore, factor: number) {
  const less = (a: Float64Array, b: Float64Array) => a.map((one, c) => one - factor * b[c]);
  const stake = first.stake.map((one, c) => (one + second.stake[c]) / 2);
  const { pictures, count } = worthOf(stake);
  const residual = less(first.residual, second.residual);
  const spread = less(first.spread, second.spread);
  const variance = stratifiedVariance(residual, spread, stake, first.stratum);
  const differ = first.missed.map((one, c) => Math.abs(one - second.missed[c]));
  return {
    pictures,
    variance: count === 0 ? 0 : variance / (1 + 1 / count), // Bonett and Price's is around the mean, of all there are
    coarse: coarseness(differ),
  };
}
