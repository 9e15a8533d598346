import { PrumergeError } from "../errors.js";
import { type PlainError, plainCause, toPlainError } from "../plain-error.js";
import type { DecoderSettings } from "./decoder-settings.js";
import type { Half } from "./engine-calls.js";
import type { GraphFiles } from "./model-folder.js";
import type { SessionOptions } from "./session.js";

/** What a worker is started with. */
export interface WorkerSetup {
  readonly side: Half;
  readonly files: GraphFiles;
  readonly options: SessionOptions;
  /** Only of the language half. */
  readonly decoder?: DecoderSettings;
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

/** What a call failed with; whatever is not ours came out of ONNX Runtime. */
export function toReplyError(error: unknown): PlainError {
  if (PrumergeError.isInstance(error)) return toPlainError(error);
  const summary = error instanceof Error ? error.message : String(error);
  return { code: "RUNTIME", summary, details: { cause: plainCause(error) } };
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
