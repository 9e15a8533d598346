import { createReducer, type Reducer } from "prumerge/reduce";
import type { Reduction } from "./model-backend.js";

/** The library's reducer for what the page's controls say. */
export function reducerOf({ method, budget, options }: Reduction): Reducer {
  return createReducer(method, options, budget);
}
