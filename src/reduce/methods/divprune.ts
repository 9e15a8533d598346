import type { Budget } from "../budget.js";
import { farthestRows } from "../farthest-rows.js";
import type { Method } from "../method.js";
import { refuseUnknownOptions } from "../options.js";
import { projectedRows } from "../projected-rows.js";
import type { Reducer } from "../reducer.js";
import { type SamplingBudget, samplingBudget, samplingKinds } from "../sampling-reducer.js";
import { selectingReducer } from "../selecting-reducer.js";

/** The released program's ratio: 56 of 576 patches. */
const usual = { kind: "share", ratio: 0.098 } as const satisfies Budget;

/**
 * DivPrune: patches that lie far from each other after the projector, unchanged and in raster order. The first is the one
 * whose nearest other patch is the farthest away; each further one has the largest distance to the nearest of those that
 * are kept. The distance is 1 - cosine of the projected rows; neither attention nor the question is read.
 *
 * Source: arXiv 2503.02175 (max-min diversity) and the described behaviour of the released program (vbdi/divprune), which
 * gives the same patches where its float32 decides; where it gives none that can be used, this is ours:
 * - Distances below 1e-12 count as 0, and of equal ones the lowest patch comes first, so that exact copies of kept patches
 *   are kept last, in raster order, and none twice. (The released program repeats a pick there.)
 * - A row of zeros has the distance 1 to every other row. (The released program gets NaN, and one patch again and again.)
 * - One patch at least is kept, and halves of `keepRatio` N are rounded up. (Released: Python's `round`, to the even number.)
 *
 * @param options `tokens` or `keepRatio`; left out: the released program's ratio, 0.098
 * @throws PrumergeError INVALID_OPTION for options out of range
 * @example
 * ```ts
 * const seen = await model.see(image, divPrune({ tokens: 64 }));
 * ```
 */
export function divPrune(options: SamplingBudget = {}): Reducer {
  refuseUnknownOptions("divprune", options, ["tokens", "keepRatio"]);
  return createDivPrune(samplingBudget("divprune", options, usual));
}

function createDivPrune(budget: Budget): Reducer {
  return selectingReducer("divprune", budget, {}, { projected: true }, (signals, count) =>
    farthestRows(projectedRows(signals), count),
  );
}

export const divPruneMethod: Method = {
  name: "divprune",
  description: "patches far from each other after the projector",
  budgets: samplingKinds,
  defaultBudget: usual,
  create(options, budget = usual) {
    refuseUnknownOptions("divprune", options, []);
    return createDivPrune(budget);
  },
};
