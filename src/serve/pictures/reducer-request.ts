import { createReducer, methods, type Reducer } from "../../reduce/index.js";
import { ApiError } from "../http/api-error.js";
import type { ReductionRequest } from "../schema/reduction.js";

/** Cap of the adaptive rule where a request names PruMerge+ and no count: as on the command line. */
const defaultCap = 144;

/** How many visual tokens: exactly `tokens`, or by the method's own rule, at most `maxTokens`. */
export interface Budget {
  readonly tokens?: number;
  readonly maxTokens?: number;
}

/** What requests get that leave things open. */
export interface ReductionDefaults {
  /** Of those that name neither method nor count nor option. */
  readonly defaultReducer: Reducer;
  /** Of those that name a method or an option and no count; undefined: the method's own. */
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
  const { defaultReducer } = defaults;
  if (method === undefined && count === undefined && options === undefined) return defaultReducer;
  const name = method ?? defaultReducer.method;
  refuseSecondCount(options);
  const budget = budgetOf(name, count, defaults);
  const known = methods.find((one) => one.name === name);
  if (known !== undefined && !known.adaptive && name !== "none" && budget.tokens === undefined) {
    throw new ApiError(400, `The method ${name} has no rule of its own: visual_tokens must be a number.`, {
      code: "invalid_value",
      param: "prumerge.visual_tokens",
    });
  }
  return createReducer(name, { ...budget, ...options });
}

function budgetOf(
  name: string,
  count: ReductionRequest["visual_tokens"],
  { defaultReducer, defaultBudget }: ReductionDefaults,
): Budget {
  if (typeof count === "number") return { tokens: count };
  if (count !== undefined) {
    const [, cap] = count.split(":");
    return cap === undefined ? {} : { maxTokens: Number(cap) };
  }
  if (name === "none") return {}; // it keeps everything, and takes no count
  if (defaultBudget !== undefined) return defaultBudget;
  if (name === defaultReducer.method) return budgetIn(defaultReducer);
  return name === "prumerge+" ? { maxTokens: defaultCap } : {};
}

function budgetIn({ options: { tokens, maxTokens } }: Reducer): Budget {
  return {
    ...(typeof tokens === "number" && { tokens }),
    ...(typeof maxTokens === "number" && { maxTokens }),
  };
}

/** The budget has one place, so that no request has two. */
function refuseSecondCount(options: ReductionRequest["options"]): void {
  const found = ["tokens", "maxTokens", "keepRatio"].find((name) => Object.hasOwn(options ?? {}, name));
  if (found === undefined) return;
  throw new ApiError(400, "The number of visual tokens is set by prumerge.visual_tokens.", {
    code: "unknown_parameter",
    param: `prumerge.options.${found}`,
  });
}
