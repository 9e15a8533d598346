import { type ErrorCode, PrumergeError } from "../errors.js";

/** What a worker thread answers to a band. */
export type BandReply = { readonly ok: true } | { readonly ok: false; readonly error: PlainError };

/** An error as plain data: classes do not survive the way between threads. */
export interface PlainError {
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly stack?: string;
}

export function toPlainError(error: unknown): PlainError {
  if (PrumergeError.isInstance(error)) return { code: error.code, message: error.message };
  if (error instanceof Error) {
    return {
      code: undefined,
      message: error.message,
      ...(error.stack === undefined ? {} : { stack: error.stack }),
    };
  }
  return { code: undefined, message: String(error) };
}

export function fromPlainError({ code, message, stack }: PlainError): Error {
  if (code !== undefined) return new PrumergeError(code, message);
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
