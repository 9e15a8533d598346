import { PrumergeError } from "../../errors.js";

/** Whether judging failed because a split has no public labels: it can be answered, and scored elsewhere. */
export function lacksLabels(error: unknown): error is PrumergeError {
  return PrumergeError.isInstance(error) && error.code === "NO_LABELS";
}
