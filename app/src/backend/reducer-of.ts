import { createReducer, type Reducer } from "prumerge/reduce";
import type { Reduction } from "./model-backend.js";

/** The library's reducer for what the page's controls say. */
export function reducerOf({ method, mode, count }: Reduction): Reducer {
  if (method === "none") return createReducer("none");
  return createReducer(method, mode === "adaptive" ? { maxTokens: count } : { tokens: count });
}
