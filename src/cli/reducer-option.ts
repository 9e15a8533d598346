import { createReducer, defaultMethod, findMethod, type Reducer } from "../reduce/index.js";
import type { ReductionOptions } from "./options.js";

/**
 * The reducer that the options ask for; undefined leaves the choice to the model.
 *
 * @throws PrumergeError UNKNOWN_METHOD, or INVALID_OPTION for what the method refuses
 */
export function chosenReducer({ method, visualTokens, seed }: ReductionOptions): Reducer | undefined {
  if (method === undefined && visualTokens === undefined) return undefined;
  const { name, seeded, defaultBudget } = method === undefined ? defaultMethod : findMethod(method);
  return createReducer(name, seeded && seed !== undefined ? { seed } : {}, visualTokens ?? defaultBudget);
}
