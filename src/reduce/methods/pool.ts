import { type Budget, spellBudget, splitBudget } from "../budget.js";
import { checkSignals } from "../check-signals.js";
import { evenMeans } from "../grid-cells.js";
import type { Method } from "../method.js";
import { integerOption, refuseUnknownOptions, withDefaults } from "../options.js";
import type { Reducer } from "../reducer.js";
import { rowRoom } from "../row-room.js";
import { quarter, type SamplingBudget, samplingBudget, samplingKinds } from "../sampling-reducer.js";
import { type SizeBiasOption, sizeBias } from "../size-bias.js";

/** `sizeBias` is off where it is left out. */
export interface GridPoolingOptions extends SamplingBudget, SizeBiasOption {}

const defaults = { sizeBias: false } as const satisfies GridPoolingOptions;

/**
 * Average pooling: the grid cut evenly into as many cells as rows are wanted, each row the mean of a cell's patches, in raster order. A
 * count T makes round(sqrt T) lines, each of T / lines cells, and one more in the first lines where that leaves some over; cells
 * of 576 patches are 3 x 3 at T = 64. It reads nothing of the picture but its grid. A row stands on the patch in the middle of its
 * cell.
 *
 * @param options left out: a quarter of the patches
 * @throws PrumergeError INVALID_OPTION for options out of range
 * @example
 * ```ts
 * const plan = gridPooling({ tokens: 64 }).plan(signals);
 * ```
 */
export function gridPooling(options: GridPoolingOptions = {}): Reducer {
  refuseUnknownOptions("pool", options, ["tokens", "keepRatio", ...Object.keys(defaults)]);
  return createPooling(splitBudget(options).rest, samplingBudget("pool", options));
}

function createPooling(given: Readonly<Record<string, unknown>>, budget: Budget): Reducer {
  refuseUnknownOptions("pool", given, Object.keys(defaults));
  const options = withDefaults(defaults, given);
  const named = { method: "pool", budget };
  return {
    ...named,
    options: Object.freeze({ ...options, ...spellBudget(budget) }),
    ...sizeBias("pool", options.sizeBias),
    need: {},
    perFrame: true,
    plan(signals, { count } = rowRoom(named, signals.patches.rows)) {
      checkSignals(signals);
      integerOption("pool", "tokens", count, 1, signals.patches.rows);
      return evenMeans(signals.grid, count);
    },
  };
}

export const gridPoolingMethod: Method = {
  name: "pool",
  description: "average pooling: means of an even grid's cells",
  budgets: samplingKinds,
  defaultBudget: quarter,
  create: (options, budget = quarter) => createPooling(options, budget),
};
