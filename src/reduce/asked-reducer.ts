import type { Budget } from "./budget.js";
import type { Reducer } from "./reducer.js";
import { createReducer, findMethod } from "./registry.js";

/** A reduction as somebody asks for it, who may leave anything open. */
export interface AskedReduction {
  /** A method's name or alias. */
  readonly method?: string | undefined;
  readonly budget?: Budget | undefined;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/** What fills in what was left open. */
export interface UsualReduction {
  /** Of those who ask for nothing; its method of those who name none, its budget of those who name its method and no budget. */
  readonly defaultReducer: Reducer;
  /** Before that budget, for whichever method takes it. */
  readonly defaultBudget?: Budget | undefined;
}

/**
 * The reducer that is asked for. A budget that nobody names is the first that the method takes: the usual one, the usual
 * reducer's where the method is its, the method's own.
 *
 * @throws PrumergeError UNKNOWN_METHOD, or INVALID_OPTION for what the method refuses
 */
export function askedReducer(
  { method, budget, options }: AskedReduction,
  { defaultReducer, defaultBudget: usual }: UsualReduction,
): Reducer {
  if (method === undefined && budget === undefined && options === undefined) return defaultReducer;
  const { name, budgets, defaultBudget } = findMethod(method ?? defaultReducer.method);
  const ofReducer = name === defaultReducer.method ? defaultReducer.budget : undefined;
  const open = [usual, ofReducer, defaultBudget].find(
    (one) => one !== undefined && budgets.includes(one.kind),
  );
  return createReducer(name, options ?? {}, budget ?? open);
}
