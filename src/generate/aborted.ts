import { PrumergeError } from "../errors.js";

/** The run's result, or undefined where the signal took it back before it began. */
export function unlessAborted<Run>(run: Promise<Run>, signal: AbortSignal): Promise<Run | undefined> {
  return run.catch((error: unknown) => {
    if (signal.aborted && error === signal.reason) return undefined;
    throw error;
  });
}

/**
 * @param what was aborted, for the message
 * @throws PrumergeError ABORTED where the signal has fired
 */
export function refuseAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw new PrumergeError("ABORTED", `${what} was aborted`, { cause: signal.reason });
}
