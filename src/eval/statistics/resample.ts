import { seededRandom } from "../../tensor/random.js";
import type { CheckedBootstrap } from "./interval.js";

/**
 * Statistics of one resample.
 *
 * @param drawn indices of the units that were drawn, with repetition; its memory is reused for the next resample
 * @param into one value per statistic, to be filled
 */
export type Evaluate = (drawn: Int32Array, into: Float64Array) => void;

/**
 * Draws resamples of as many clusters as there are, with replacement, and evaluates all units of those that were drawn
 * (Davison and Hinkley, Bootstrap Methods and their Application, section 3.8): a resample may have more or fewer units.
 *
 * Draw t of all draws is floor(u_t x clusters), u_t of the seeded generator, resample after resample: two bootstraps over the
 * same clusters with one seed draw the same units.
 *
 * @param clusters indices of the units of each
 * @returns per statistic its [resamples] replicates
 */
export function replicate(
  clusters: readonly (readonly number[])[],
  statistics: number,
  evaluate: Evaluate,
  { resamples, seed }: CheckedBootstrap,
): Float64Array[] {
  const random = seededRandom(seed);
  let drawn = new Int32Array(clusters.reduce((sum, { length }) => sum + length, 0));
  const values = new Float64Array(statistics);
  const replicates = Array.from({ length: statistics }, () => new Float64Array(resamples));
  for (let resample = 0; resample < resamples; resample++) {
    let count = 0;
    for (let draw = 0; draw < clusters.length; draw++) {
      const cluster = clusters[Math.floor(random() * clusters.length)];
      if (count + cluster.length > drawn.length) drawn = enlarge(drawn, count + cluster.length);
      for (const unit of cluster) drawn[count++] = unit;
    }
    evaluate(drawn.subarray(0, count), values);
    for (let one = 0; one < statistics; one++) replicates[one][resample] = values[one];
  }
  return replicates;
}

/** Room for more of a resample: as many clusters may have far more units than all of them once. */
function enlarge(drawn: Int32Array<ArrayBuffer>, least: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(least, Math.ceil(1.5 * drawn.length)));
  larger.set(drawn);
  return larger;
}
