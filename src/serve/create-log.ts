import { type DestinationStream, pino } from "pino";
import type { Log } from "./log.js";

const logLevels = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];

/** One JSON object per line. Nothing of a request's contents, no key and no path is handed to it. */
export function createLog(level: LogLevel, destination: DestinationStream): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
