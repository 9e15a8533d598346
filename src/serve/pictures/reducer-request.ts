import { askedReducer } from "../../reduce/asked-reducer.js";
import { type Budget, findMethod, parseBudget, type Reducer, splitBudget } from "../../reduce/index.js";
import { ApiError } from "../http/api-error.js";
import type { ReductionRequest } from "../schema/reduction.js";

/** What requests get that leave things open. */
export interface ReductionDefaults {
  /** Of those that name neither method nor count nor option. */
  readonly defaultReducer: Reducer;
  /** Of those that name a method or an option and no count, where the method takes it; undefined: the method's own. */
  readonly defaultBudget: Budget | undefined;
}

/**
 * The reducer that a request asks for.
 *
 * @throws PrumergeError UNKNOWN_METHOD or INVALID_OPTION; ApiError 400
 */
export function requestedReducer(
  { method, visual_tokens: count, options }: ReductionRequest,
  defaults: ReductionDefaults,
): Reducer {
  refuseSecondCount(options);
  const budget = count === undefined ? undefined : parseBudget(String(count));
  const { name, budgets } = findMethod(method ?? defaults.defaultReducer.method);
  if (budget !== undefined && !budgets.includes(budget.kind)) {
    throw new ApiError(400, `The method ${name} does not take '${count}' for visual_tokens.`, {
      code: "invalid_value",
      param: "prumerge.visual_tokens",
    });
  }
  return askedReducer({ method, budget, options: options && withoutNulls(options) }, defaults);
}

/** An option that is null or empty is one left out; its name is still checked. */
function withoutNulls(options: NonNullable<ReductionRequest["options"]>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, value === "" ? undefined : (value ?? undefined)]),
  );
}

/** The budget has one place, so that no request has two. */
function refuseSecondCount(options: ReductionRequest["options"]): void {
  const [found] = Object.keys(splitBudget(options ?? {}).budget);
  if (found === undefined) return;
  throw new ApiError(400, "The number of visual tokens is set by prumerge.visual_tokens.", {
    code: "unknown_parameter",
    param: `prumerge.options.${found}`,
  });
}
