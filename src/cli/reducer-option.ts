import { PrumergeError } from "../errors.js";
import { createReducer, methods, type Reducer } from "../reduce/index.js";
import type { ReductionOptions } from "./options.js";

/** The reducer that the options ask for; undefined leaves the choice to the model. */
export function chosenReducer({ method, visualTokens, seed }: ReductionOptions): Reducer | undefined {
  if (method === undefined && visualTokens === undefined) return undefined;
  const name = method ?? "prumerge+";
  const needsCount = methods.some((one) => one.name === name && !one.adaptive && name !== "none");
  if (needsCount && visualTokens?.tokens === undefined) {
    throw new PrumergeError("INVALID_OPTION", `the method ${name} has no rule of its own`, {
      where: "--visual-tokens",
      expected: "a count, for example --visual-tokens 64",
    });
  }
  const budget = visualTokens ?? (name === "prumerge+" ? { maxTokens: 144 } : {});
  return createReducer(name, { ...budget, ...(name === "random" && seed !== undefined && { seed }) });
}
