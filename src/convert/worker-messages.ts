import { PrumergeError } from "../errors.js";
import { fromPlainError, type PlainError, toPlainError } from "../plain-error.js";

/** What a worker thread answers to a band. */
export type BandReply = { readonly ok: true } | { readonly ok: false; readonly error: PlainError | Error };

export function failure(error: unknown): BandReply {
  if (PrumergeError.isInstance(error)) return { ok: false, error: toPlainError(error) };
  return { ok: false, error: error instanceof Error ? error : new Error(String(error)) };
}

export function errorOf({ error }: Extract<BandReply, { ok: false }>): Error {
  return error instanceof Error ? error : fromPlainError(error);
}
