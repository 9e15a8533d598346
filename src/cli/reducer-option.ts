import { createReducer, type Reducer } from "../reduce/index.js";
import type { ReductionOptions } from "./options.js";

/** The reducer that the options ask for; undefined leaves the choice to the model. */
export function chosenReducer({ method, visualTokens, seed }: ReductionOptions): Reducer | undefined {
  if (method === undefined && visualTokens === undefined) return undefined;
  const name = method ?? "prumerge+";
  const budget = visualTokens ?? (name === "prumerge+" ? { maxTokens: 144 } : {});
  return createReducer(name, { ...budget, ...(name === "random" && seed !== undefined && { seed }) });
}
