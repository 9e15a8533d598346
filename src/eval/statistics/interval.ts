import { PrumergeError } from "../../errors.js";

/** A confidence interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How a bootstrap is drawn. The same options give the same interval on every machine. */
export interface BootstrapOptions {
  /** 1 .. 1,000,000; default 1000. */
  readonly resamples?: number;
  /** Coverage, above 0 and below 1; default 0.95. */
  readonly level?: number;
  /** 0 .. 2^32 - 1; default 0. */
  readonly seed?: number;
}

/** Options with their defaults filled in, checked. */
export type CheckedBootstrap = Required<BootstrapOptions>;

/** @throws PrumergeError INVALID_OPTION for options out of range */
export function checkBootstrap({
  resamples = 1000,
  level = 0.95,
  seed = 0,
}: BootstrapOptions): CheckedBootstrap {
  const check = (where: string, right: boolean, expected: string, found: unknown) => {
    if (!right)
      throw new PrumergeError("INVALID_OPTION", "out of range", { where, expected, found: String(found) });
  };
  const whole = Number.isSafeInteger(resamples) && resamples >= 1 && resamples <= 1_000_000;
  check("resamples", whole, "a whole number from 1 to 1000000", resamples);
  check("level", level > 0 && level < 1, "a number between 0 and 1", level);
  check("seed", Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32, "a whole number below 2^32", seed);
  return { resamples, level, seed };
}

/**
 * The percentile interval of bootstrap replicates: their (1 - level) / 2 and (1 + level) / 2 quantiles, interpolated
 * linearly as `numpy.percentile` does by default. Efron and Tibshirani, An Introduction to the Bootstrap, section 13.3.
 *
 * @param replicates one value per resample; those that are not finite (a resample without any unit of a group) are left
 * out
 * @returns undefined where no replicate is finite
 */
export function percentileInterval(replicates: Float64Array, level: number): Interval | undefined {
  const sorted = replicates.filter(Number.isFinite).sort();
  if (sorted.length === 0) return undefined;
  return { low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, (1 + level) / 2) };
}

/** Linear quantile of ascending numbers, `numpy.quantile`'s default. */
export function quantile(sorted: Float64Array, fraction: number): number {
  const position = (sorted.length - 1) * fraction;
  const low = Math.floor(position);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (position - low);
}
