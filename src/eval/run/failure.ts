import { type ErrorCode, PrumergeError } from "../../errors.js";

/** What a question or its picture can be to blame for; the rest is the run's affair. */
const ofTheQuestion: readonly ErrorCode[] = [
  "INVALID_IMAGE",
  "INVALID_TENSOR",
  "LIMIT_EXCEEDED",
  "CONTEXT_EXCEEDED",
  "RUNTIME",
];

/**
 * A failure as a journal records it.
 *
 * @throws the error itself where it is no question's fault: options that the model refuses, a file that has gone, a bug
 */
export function failureOf(error: unknown) {
  if (!PrumergeError.isInstance(error) || !ofTheQuestion.includes(error.code)) throw error;
  return { kind: "failure" as const, code: error.code as string, message: error.message };
}
