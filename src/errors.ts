/** Every way in which prumerge refuses or fails; the code is stable, the message is for people. */
export type ErrorCode =
  | "INVALID_OPTION" // an option or argument out of its documented range
  | "UNKNOWN_METHOD" // no reducer of that name
  | "INVALID_TENSOR" // wrong shape, NaN or Inf in numbers handed to us
  | "INVALID_FILE" // a file that breaks its format, is truncated, or contradicts its own header
  | "INVALID_IMAGE" // not a picture we read, or a damaged one
  | "INVALID_VIDEO" // not a video we read, or nothing of it can be decoded
  | "LIMIT_EXCEEDED" // larger than a cap that protects memory or disk
  | "UNSAFE_PATH" // a name inside a file that would leave its folder
  | "UNSAFE_PICKLE" // a pickle that asks for anything but tensors
  | "NOT_FOUND" // a file, tensor or model that should be there
  | "UNSUPPORTED_MODEL" // a well-formed model of a kind we do not run, named
  | "NO_LABELS" // a benchmark's split without public answers: it can be answered, and scored elsewhere
  | "CONTEXT_EXCEEDED" // prompt and answer do not fit the language model's context
  | "DISK_FULL" // not enough room for what is to be written
  | "NETWORK" // a hub or server that did not answer as it should
  | "ABORTED" // the caller's AbortSignal fired
  | "RUNTIME"; // ONNX Runtime refused or failed

/** What a {@link PrumergeError} tells beyond its first sentence; each part is optional. */
export interface ErrorDetails {
  /** What would have been right. */
  readonly expected?: string;
  /** What was there instead. */
  readonly found?: string;
  /** File, tensor, option or request that it is about. */
  readonly where?: string;
  /** What to do now. */
  readonly help?: string;
  readonly cause?: unknown;
}

const marker = Symbol.for("prumerge.error");

/**
 * The one error type of prumerge.
 *
 * @example
 * ```ts
 * try { await loadModel("nowhere"); } catch (error) {
 *   if (PrumergeError.isInstance(error) && error.code === "NOT_FOUND") console.error(error.message);
 * }
 * ```
 */
export class PrumergeError extends Error {
  /** `AbortError` where the caller's signal fired, as everywhere on the web; else `PrumergeError`. */
  override readonly name: "PrumergeError" | "AbortError";
  readonly [marker] = true;
  readonly code: ErrorCode;
  /** The first sentence alone, without its details. */
  readonly summary: string;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, summary: string, details: ErrorDetails = {}) {
    super(compose(summary, details), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = code === "ABORTED" ? "AbortError" : "PrumergeError";
    this.code = code;
    this.summary = summary;
    this.details = details;
  }

  /** True for errors of any copy of this package in the process, unlike `instanceof`. */
  static isInstance(value: unknown): value is PrumergeError {
    return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[marker] === true;
  }
}

function compose(summary: string, { expected, found, where, help }: ErrorDetails): string {
  let text = where === undefined ? summary : `${where}: ${summary}`;
  if (expected !== undefined) text += `; expected ${expected}`;
  if (found !== undefined) text += expected === undefined ? `; found ${found}` : `, found ${found}`;
  if (help !== undefined) text += `. ${help}`;
  return text;
}
