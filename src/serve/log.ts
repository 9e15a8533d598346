import { type DestinationStream, type Logger, pino } from "pino";
import { PrumergeError } from "../errors.js";
import { ApiError } from "./http/api-error.js";

export type Log = Logger;

export const logLevels = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];

/** One JSON object per line. Nothing of a request's contents, no key and no path is handed to it. */
export function createLog(level: LogLevel, destination: DestinationStream): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

/** What may be logged of a failure: its kind, without stack, message or path. */
export function describeFailure(error: unknown): Record<string, string> {
  const cause = error instanceof ApiError && error.cause !== undefined ? error.cause : error;
  if (PrumergeError.isInstance(cause)) return { error: cause.code, summary: cause.summary };
  if (cause instanceof ApiError) return { error: cause.code ?? String(cause.status) };
  return { error: cause instanceof Error ? cause.name : typeof cause };
}
