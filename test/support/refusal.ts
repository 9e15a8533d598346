import { expect } from "vitest";
import { type ErrorCode, PrumergeError } from "../../src/errors.js";

/** Runs something that must be refused, and hands back the error for a look at its message. */
export async function refusal(code: ErrorCode, action: () => unknown): Promise<PrumergeError> {
  let error: unknown;
  try {
    await action();
  } catch (thrown) {
    error = thrown;
  }
  expect(PrumergeError.isInstance(error), `expected a PrumergeError, found ${String(error)}`).toBe(true);
  expect((error as PrumergeError).code).toBe(code);
  return error as PrumergeError;
}
