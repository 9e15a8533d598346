import { refuseUnknownOptions } from "../options.js";
import type { Reducer } from "../reducer.js";
import { type SamplingBudget, samplingCount, samplingReducer } from "../sampling-reducer.js";

/**
 * The first patches in raster order, the top of the picture: the paper's sequential sampling, its weakest ablation.
 *
 * @throws PrumergeError INVALID_OPTION for options out of range, or without a budget
 */
export function sequentialSampling(options: SamplingBudget): Reducer {
  refuseUnknownOptions("sequential", options, ["tokens", "keepRatio"]);
  const countFor = samplingCount("sequential", options);
  return samplingReducer("sequential", { ...options }, (grid) =>
    Int32Array.from({ length: countFor(grid) }, (_, patch) => patch),
  );
}
