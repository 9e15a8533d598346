import type { Budget } from "../budget.js";
import type { Method } from "../method.js";
import { refuseUnknownOptions } from "../options.js";
import type { Reducer } from "../reducer.js";
import {
  quarter,
  type SamplingBudget,
  samplingBudget,
  samplingKinds,
  samplingReducer,
} from "../sampling-reducer.js";

/**
 * The first patches in raster order, the top of the picture: the paper's sequential sampling, its weakest ablation.
 *
 * @throws PrumergeError INVALID_OPTION for options out of range
 */
export function sequentialSampling(options: SamplingBudget = {}): Reducer {
  refuseUnknownOptions("sequential", options, ["tokens", "keepRatio"]);
  return createSequential(samplingBudget("sequential", options));
}

function createSequential(budget: Budget): Reducer {
  return samplingReducer("sequential", budget, {}, (_, count) =>
    Int32Array.from({ length: count }, (_, patch) => patch),
  );
}

export const sequentialMethod: Method = {
  name: "sequential",
  description: "the first patches in raster order",
  budgets: samplingKinds,
  defaultBudget: quarter,
  create(options, budget = quarter) {
    refuseUnknownOptions("sequential", options, []);
    return createSequential(budget);
  },
};
