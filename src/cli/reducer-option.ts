import type { LoadedModel } from "../model/model.js";
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

/**
 * The same once the model is there: where nobody named a method and it does not run the usual one, its own takes the count and the options.
 *
 * @param chosen of {@link chosenReducer}
 */
export function reducerOn(
  { methods, defaultReducer }: Pick<LoadedModel, "methods" | "defaultReducer">,
  chosen: Reducer | undefined,
  options: ReductionOptions,
): Reducer | undefined {
  const runs = (name: string) => methods.some((method) => method.name === name);
  if (chosen === undefined || options.method !== undefined || runs(chosen.method)) return chosen;
  return runs(defaultReducer.method) ? chosenReducer({ ...options, method: defaultReducer.method }) : chosen;
}
