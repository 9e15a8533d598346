import { type Budget, type BudgetOptions, readBudget, spellBudget } from "./budget.js";
import { checkSignals } from "./check-signals.js";
import { oneHotPlan } from "./one-hot.js";
import type { Reducer } from "./reducer.js";
import { rowRoom } from "./row-room.js";
import type { Grid } from "./sites.js";

/** How many patches a sampling keeps: one of the two, or a quarter of them. */
export type SamplingBudget = Pick<BudgetOptions, "tokens" | "keepRatio">;

/** Samplings have no rule that finds a count. */
export const samplingKinds = ["exact", "share"] as const satisfies readonly Budget["kind"][];

/** The paper's 25 %. */
export const quarter = { kind: "share", ratio: 0.25 } as const satisfies Budget;

/**
 * A reducer that hands on some patches unchanged, without reading attention: one-hot rows, no global token.
 *
 * @param options of the method, beside its budget
 * @param choose `count` patches of a grid, ascending
 */
export function samplingReducer(
  method: string,
  budget: Budget,
  options: Readonly<Record<string, unknown>>,
  choose: (grid: Grid, count: number) => Int32Array,
): Reducer {
  return {
    method,
    budget,
    options: Object.freeze({ ...spellBudget(budget), ...options }),
    need: {},
    plan(signals, room = rowRoom({ method, budget }, signals.patches.rows)) {
      checkSignals(signals);
      return oneHotPlan(signals.grid, choose(signals.grid, room.count));
    },
  };
}

/** The budget that a sampling's options spell. */
export function samplingBudget(method: string, { tokens, keepRatio }: SamplingBudget): Budget {
  return (
    readBudget(method, {
      ...(tokens !== undefined && { tokens }),
      ...(keepRatio !== undefined && { keepRatio }),
    }) ?? quarter
  );
}
