import { seededRandom } from "../../tensor/random.js";
import { integerOption, refuseUnknownOptions } from "../options.js";
import type { Reducer } from "../reducer.js";
import { type SamplingBudget, samplingCount, samplingReducer } from "../sampling-reducer.js";

export interface RandomSamplingOptions extends SamplingBudget {
  /** 0 .. 2^32 - 1, default 0; the same seed, count and grid give the same patches. */
  readonly seed?: number;
}

/**
 * Random patches, each set of that size equally likely, unchanged and in raster order: what any method has to beat at
 * the same count.
 *
 * @throws PrumergeError INVALID_OPTION for options out of range, or without a budget
 * @example
 * ```ts
 * const plan = randomSampling({ tokens: 64, seed: 7 }).plan(signals);
 * ```
 */
export function randomSampling(options: RandomSamplingOptions): Reducer {
  refuseUnknownOptions("random", options, ["tokens", "keepRatio", "seed"]);
  const seed = integerOption("random", "seed", options.seed ?? 0, 0, 2 ** 32 - 1);
  const countFor = samplingCount("random", options);
  return samplingReducer("random", { ...options, seed }, (grid) => {
    const random = seededRandom(seed);
    const count = countFor(grid);
    const patches = Int32Array.from({ length: grid.rows * grid.columns }, (_, patch) => patch);
    for (let at = 0; at < count; at++) {
      const other = at + Math.floor(random() * (patches.length - at));
      [patches[at], patches[other]] = [patches[other], patches[at]];
    }
    return patches.slice(0, count).sort();
  });
}
