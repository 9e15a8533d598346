import { seededRandom } from "../../tensor/random.js";
import type { CheckedBootstrap } from "./interval.js";

/**
 * Statistics of one resample.
 *
 * @param drawn indices of the units that were drawn, with repetition; reused for the next resample
 * @param into one value per statistic, to be filled
 */
export type Evaluate = (drawn: Int32Array, into: Float64Array) => void;

/**
 * Draws resamples of as many units as there are, with replacement, and evaluates each.
 *
 * Draw t of all draws is floor(u_t x units), u_t of the seeded generator, resample after resample: two bootstraps over
 * equally many units with one seed draw the same units.
 *
 * @returns per statistic its [resamples] replicates
 */
export function replicate(
  units: number,
  statistics: number,
  evaluate: Evaluate,
  { resamples, seed }: CheckedBootstrap,
): Float64Array[] {
  const random = seededRandom(seed);
  const drawn = new Int32Array(units);
  const values = new Float64Array(statistics);
  const replicates = Array.from({ length: statistics }, () => new Float64Array(resamples));
  for (let resample = 0; resample < resamples; resample++) {
    for (let unit = 0; unit < units; unit++) drawn[unit] = Math.floor(random() * units);
    evaluate(drawn, values);
    for (let one = 0; one < statistics; one++) replicates[one][resample] = values[one];
  }
  return replicates;
}
