import { type Budget, type BudgetOptions, readBudget } from "./budget.js";
import type { Reducer } from "./reducer.js";
import { selectingReducer } from "./selecting-reducer.js";
import type { Grid } from "./sites.js";

/** How many patches a sampling keeps: one of the two, or a quarter of them. */
export type SamplingBudget = Pick<BudgetOptions, "tokens" | "keepRatio">;

/** Samplings have no rule that finds a count. */
export const samplingKinds = ["exact", "share"] as const satisfies readonly Budget["kind"][];

/** The paper's 25 %. */
export const quarter = { kind: "share", ratio: 0.25 } as const satisfies Budget;

/**
 * A {@link selectingReducer} that reads nothing of the picture but its grid.
 *
 * @param options of the method, beside its budget
 * @param choose `count` patches of a grid
 */
export function samplingReducer(
  method: string,
  budget: Budget,
  options: Readonly<Record<string, unknown>>,
  choose: (grid: Grid, count: number) => Int32Array,
): Reducer {
  return selectingReducer(method, budget, options, {}, ({ grid }, count) => choose(grid, count));
}

/**
 * The budget that a sampling's options spell.
 *
 * @param usual where they spell none
 */
export function samplingBudget(
  method: string,
  { tokens, keepRatio }: SamplingBudget,
  usual: Budget = quarter,
): Budget {
  return (
    readBudget(method, {
      ...(tokens !== undefined && { tokens }),
      ...(keepRatio !== undefined && { keepRatio }),
    }) ?? usual
  );
}
