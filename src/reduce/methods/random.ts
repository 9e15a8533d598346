import { seededRandom } from "../../tensor/random.js";
import type { Budget } from "../budget.js";
import type { Method } from "../method.js";
import { integerOption, refuseUnknownOptions } from "../options.js";
import type { Reducer } from "../reducer.js";
import {
  quarter,
  type SamplingBudget,
  samplingBudget,
  samplingKinds,
  samplingReducer,
} from "../sampling-reducer.js";

export interface RandomSamplingOptions extends SamplingBudget {
  /** 0 .. 2^32 - 1, default 0; the same seed, count and grid give the same patches. */
  readonly seed?: number;
}

/**
 * Random patches, each set of that size equally likely, unchanged and in raster order: what any method has to beat at
 * the same count.
 *
 * @throws PrumergeError INVALID_OPTION for options out of range
 * @example
 * ```ts
 * const plan = randomSampling({ tokens: 64, seed: 7 }).plan(signals);
 * ```
 */
export function randomSampling(options: RandomSamplingOptions = {}): Reducer {
  refuseUnknownOptions("random", options, ["tokens", "keepRatio", "seed"]);
  return createRandom(options, samplingBudget("random", options));
}

function createRandom(options: { readonly seed?: unknown }, budget: Budget): Reducer {
  const seed = integerOption("random", "seed", options.seed ?? 0, 0, 2 ** 32 - 1);
  return samplingReducer("random", budget, { seed }, ({ rows, columns }, count) => {
    const random = seededRandom(seed);
    const patches = Int32Array.from({ length: rows * columns }, (_, patch) => patch);
    for (let at = 0; at < count; at++) {
      const other = at + Math.floor(random() * (patches.length - at));
      [patches[at], patches[other]] = [patches[other], patches[at]];
    }
    return patches.slice(0, count).sort();
  });
}

export const randomMethod: Method = {
  name: "random",
  description: "random patches (seeded)",
  budgets: samplingKinds,
  defaultBudget: quarter,
  seeded: true,
  baseline: true,
  create(options, budget = quarter) {
    refuseUnknownOptions("random", options, ["seed"]);
    return createRandom(options, budget);
  },
};
