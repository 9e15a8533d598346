import { type Budget, spellBudget } from "./budget.js";
import { checkSignals } from "./check-signals.js";
import type { Need } from "./need.js";
import { oneHotPlan } from "./one-hot.js";
import type { Reducer } from "./reducer.js";
import { rowRoom } from "./row-room.js";
import type { Signals } from "./signals.js";

/**
 * A reducer that hands on some patches unchanged, in raster order: one-hot rows, no global token.
 *
 * @param options of the method, beside its budget
 * @param choose `count` patches, each once, in any order
 */
export function selectingReducer(
  method: string,
  budget: Budget,
  options: Readonly<Record<string, unknown>>,
  need: Need,
  choose: (signals: Signals, count: number) => Int32Array,
): Reducer {
  return {
    method,
    budget,
    options: Object.freeze({ ...spellBudget(budget), ...options }),
    need,
    plan(signals, room = rowRoom({ method, budget }, signals.patches.rows)) {
      checkSignals(signals);
      return oneHotPlan(signals.grid, choose(signals, room.count).sort());
    },
  };
}
