import { PrumergeError } from "../errors.js";
import type { Reducer } from "../reduce/reducer.js";
import { createReducer, methods } from "../reduce/registry.js";

/**
 * The reducer with the rows of `classTokenRows` taken off its budget, since a budget counts every row that the language model gets.
 * Reducers that are not in the registry are left alone.
 *
 * @throws PrumergeError INVALID_OPTION for a budget that leaves no row for the patches
 */
export function withoutLeadingRows(reducer: Reducer, patches: number, lead: 0 | 1): Reducer {
  if (lead === 0 || !methods.some((method) => method.name === reducer.method)) return reducer;
  const { tokens, maxTokens, keepRatio, ...rest } = reducer.options;
  const count = typeof keepRatio === "number" ? Math.max(1, Math.round(keepRatio * patches)) : tokens;
  const name = typeof count === "number" ? "tokens" : "maxTokens";
  const budget = count ?? maxTokens;
  if (typeof budget !== "number") return reducer;
  if (budget <= lead) {
    throw new PrumergeError("INVALID_OPTION", "too few tokens: this model's class token takes one", {
      where: name,
      expected: `${lead + 1} or more`,
      found: String(budget),
    });
  }
  return createReducer(reducer.method, { ...rest, [name]: budget - lead });
}
