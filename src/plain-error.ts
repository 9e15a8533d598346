import { type ErrorCode, type ErrorDetails, PrumergeError } from "./errors.js";

/** A {@link PrumergeError} in a form that structured cloning keeps whole: classes do not survive the way between threads. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly summary: string;
  readonly details: ErrorDetails;
}

export function toPlainError({ code, summary, details }: PrumergeError): PlainError {
  return {
    code,
    summary,
    details: details.cause === undefined ? details : { ...details, cause: plainCause(details.cause) },
  };
}

export function fromPlainError({ code, summary, details }: PlainError): PrumergeError {
  return new PrumergeError(code, summary, details);
}

/** Any error's message, without what cannot be cloned. */
export function plainCause(cause: unknown): unknown {
  return cause instanceof Error ? new Error(cause.message) : String(cause);
}
