import { createReducer, methods, type Reducer } from "../../reduce/index.js";
import { ApiError } from "../http/api-error.js";
import type { ReductionRequest } from "../schema/reduction.js";

/** Cap of the adaptive rule where a request names PruMerge+ and no count: as on the command line. */
const defaultCap = 144;

/**
 * The reducer that a request asks for.
 *
 * @throws PrumergeError UNKNOWN_METHOD or INVALID_OPTION; ApiError 400
 */
export function requestedReducer(
  { method, visual_tokens: count, options }: ReductionRequest,
  defaultReducer: Reducer,
): Reducer {
  if (method === undefined && count === undefined && options === undefined) return defaultReducer;
  const name = method ?? defaultReducer.method;
  refuseSecondCount(options);
  const known = methods.find((one) => one.name === name);
  if (known !== undefined && !known.adaptive && name !== "none" && typeof count !== "number") {
    throw new ApiError(400, `The method ${name} has no rule of its own: visual_tokens must be a number.`, {
      code: "invalid_value",
      param: "prumerge.visual_tokens",
    });
  }
  return createReducer(name, { ...budgetOf(name, count), ...options });
}

function budgetOf(
  name: string,
  count: ReductionRequest["visual_tokens"],
): { readonly tokens?: number; readonly maxTokens?: number } {
  if (typeof count === "number") return { tokens: count };
  if (count === undefined) return name === "prumerge+" ? { maxTokens: defaultCap } : {};
  const [, cap] = count.split(":");
  return cap === undefined ? {} : { maxTokens: Number(cap) };
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
