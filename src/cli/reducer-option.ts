import { createReducer, defaultMethod, findMethod, type Reducer, splitBudget } from "../reduce/index.js";
import type { ReductionOptions } from "./options.js";

/**
 * The reducer that the options ask for; undefined leaves the choice to the model.
 *
 * @throws PrumergeError UNKNOWN_METHOD, or INVALID_OPTION for what the method refuses
 */
export function chosenReducer({ method, visualTokens, seed, option }: ReductionOptions): Reducer | undefined {
  if (method === undefined && visualTokens === undefined && option === undefined) return undefined;
  const { name, seeded, defaultBudget } = method === undefined ? defaultMethod : findMethod(method);
  const options = { ...(seeded && seed !== undefined && { seed }), ...option };
  const spelled = Object.keys(splitBudget(options).budget).length > 0;
  return createReducer(name, options, visualTokens ?? (spelled ? undefined : defaultBudget));
}
