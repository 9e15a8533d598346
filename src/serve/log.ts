import { PrumergeError } from "../errors.js";
import { ApiError } from "./http/api-error.js";

export type Fields = Readonly<Record<string, unknown>>;

/** Where requests and failures are noted; a logger of pino is one. */
export interface Log {
  info(fields: Fields, message?: string): void;
  warn(fields: Fields, message?: string): void;
  error(fields: Fields, message?: string): void;
}

/** Of who wants none. */
export const noLog: Log = { info() {}, warn() {}, error() {} };

/** Causes of causes that are told. */
const mostCauses = 5;

/**
 * What may be logged of a failure: its kind, without stack, message or path. Of a backend that fails also its cause, and
 * the causes of that: where it could not be reached, and what it says for itself.
 */
export function describeFailure(error: unknown): Record<string, string> {
  if (error instanceof ApiError && error.code === "backend_failed") {
    return { error: error.code, cause: causesOf(error) };
  }
  const cause = error instanceof ApiError && error.cause !== undefined ? error.cause : error;
  if (PrumergeError.isInstance(cause)) return { error: cause.code, summary: cause.summary };
  if (cause instanceof ApiError) return { error: cause.code ?? String(cause.status) };
  return { error: cause instanceof Error ? cause.name : typeof cause };
}

function causesOf(error: Error): string {
  const told: string[] = [];
  let cause = error.cause;
  while (cause !== undefined && told.length < mostCauses) {
    const { code, message } = (typeof cause === "object" ? cause : {}) as {
      code?: unknown;
      message?: unknown;
    };
    const words = [code, message ?? String(cause)].filter((part) => typeof part === "string" && part !== "");
    told.push(words.join(": ").slice(0, 300));
    // Several addresses of one name fail together.
    cause = cause instanceof AggregateError ? cause.errors[0] : (cause as { cause?: unknown } | null)?.cause;
  }
  return told.join("; ");
}
