import { type Budget, checkBudget, rowCount } from "./budget.js";
import { checkSignals } from "./check-signals.js";
import { oneHotPlan } from "./one-hot.js";
import { refuseOption } from "./options.js";
import type { Reducer } from "./reducer.js";

/** How many patches a sampling keeps: exactly one of the two. */
export type SamplingBudget = Pick<Budget, "tokens" | "keepRatio">;

type Grid = { readonly rows: number; readonly columns: number };

/**
 * A reducer that hands on some patches unchanged, without reading attention: one-hot rows, no global token.
 *
 * @param choose patches of a grid, ascending
 */
export function samplingReducer(
  method: string,
  options: Readonly<Record<string, unknown>>,
  choose: (grid: Grid) => Int32Array,
): Reducer {
  return {
    method,
    options: Object.freeze({ ...options }),
    plan(signals) {
      checkSignals(signals);
      return oneHotPlan(signals.grid, choose(signals.grid));
    },
    graphSettings: () => undefined,
  };
}

/** Refuses a missing or wrong budget; gives the count for a grid. */
export function samplingCount(method: string, { tokens, keepRatio }: SamplingBudget): (grid: Grid) => number {
  const budget: Budget = {
    ...(tokens !== undefined && { tokens }),
    ...(keepRatio !== undefined && { keepRatio }),
  };
  checkBudget(method, budget);
  if (tokens === undefined && keepRatio === undefined) {
    refuseOption(method, "tokens", "a count, or keepRatio; this method has no rule of its own", undefined);
  }
  return ({ rows, columns }) => rowCount(method, budget, rows * columns, rows * columns).count;
}
