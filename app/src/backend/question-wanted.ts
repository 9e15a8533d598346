import type { Reduction } from "./model-backend.js";

/** Said where a method reads the question, and none was asked yet. */
export function questionWanted({ method }: Reduction): Error {
  return new Error(`The method ${method} chooses patches by the question: ask one, and they are shown.`);
}
