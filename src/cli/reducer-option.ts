import { PrumergeError } from "../errors.js";
import { createReducer, methods, type Reducer } from "../reduce/index.js";
import type { ReductionOptions } from "./options.js";

/** How a count is asked for, for messages. */
interface Wording {
  readonly where: string;
  readonly example: (method: string) => string;
}

const commandLine: Wording = { where: "--visual-tokens", example: () => "--visual-tokens 64" };

/**
 * The reducer that the options ask for; undefined leaves the choice to the model.
 *
 * @throws PrumergeError UNKNOWN_METHOD, or INVALID_OPTION for what the method refuses
 */
export function chosenReducer(
  { method, visualTokens, seed }: ReductionOptions,
  { where, example }: Wording = commandLine,
): Reducer | undefined {
  if (method === undefined && visualTokens === undefined) return undefined;
  const name = method ?? "prumerge+";
  const needsCount = methods.some((one) => one.name === name && !one.adaptive && name !== "none");
  if (needsCount && visualTokens?.tokens === undefined) {
    throw new PrumergeError("INVALID_OPTION", `the method ${name} has no rule of its own`, {
      where,
      expected: `a count, for example ${example(name)}`,
    });
  }
  const budget = visualTokens ?? (name === "prumerge+" ? { maxTokens: 144 } : {});
  return createReducer(name, { ...budget, ...(name === "random" && seed !== undefined && { seed }) });
}
