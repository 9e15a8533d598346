import { type ErrorCode, type ErrorDetails, PrumergeError } from "../errors.js";
import type { GraphFiles } from "./model-folder.js";
import type { SessionOptions } from "./session.js";

/** What a worker is started with. */
export interface WorkerSetup {
  readonly side: "vision" | "language";
  readonly files: GraphFiles;
  readonly options: SessionOptions;
}

/** A method of what the worker holds. */
export type Method = string;

export interface Call {
  readonly id: number;
  readonly method: Method;
  readonly args: readonly unknown[];
}

export type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: PlainError };

/** An error in a form that structured cloning keeps whole. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly summary: string;
  readonly details: ErrorDetails;
}

export function toPlainError(error: unknown): PlainError {
  if (!PrumergeError.isInstance(error)) {
    const summary = error instanceof Error ? error.message : String(error);
    return { code: "RUNTIME", summary, details: { cause: plainCause(error) } };
  }
  const { code, summary, details } = error;
  return {
    code,
    summary,
    details: details.cause === undefined ? details : { ...details, cause: plainCause(details.cause) },
  };
}

export function fromPlainError({ code, summary, details }: PlainError): PrumergeError {
  return new PrumergeError(code, summary, details);
}

/** Typed arrays anywhere in a result: their memory moves to the receiver instead of being copied. */
export function transferables(result: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const visit = (value: unknown) => {
    if (ArrayBuffer.isView(value)) found.add(value.buffer as ArrayBuffer);
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(visit);
  };
  visit(result);
  return [...found];
}

function plainCause(cause: unknown): unknown {
  return cause instanceof Error ? new Error(cause.message) : String(cause);
}
