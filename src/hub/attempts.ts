import { setTimeout as sleep } from "node:timers/promises";
import { PrumergeError } from "../errors.js";
import type { HubConnection } from "./connection.js";

/**
 * Why the hub gave no answer about a model: it cannot be reached, or somebody else answers in its place. A copy in the cache
 * may stand in for it, as in huggingface_hub.
 */
export class HubFailure extends Error {}

/** A failure that may pass: a lost connection, a server that is busy or broken for the moment. */
export class PassingFailure extends HubFailure {
  constructor(
    message: string,
    options: { readonly cause?: unknown; readonly retryAfter?: number | undefined } = {},
  ) {
    super(message, { cause: options.cause });
    this.retryAfter = options.retryAfter;
  }
  /** Wait that the server asked for, milliseconds. */
  readonly retryAfter: number | undefined;
}

/** Longest wait that a server may ask for, milliseconds. */
const longestWait = 120_000;

/**
 * Repeats `work` while it ends in a {@link PassingFailure}, waiting longer each time. `progress` lets a download start
 * counting anew after bytes have come: only failures in a row count.
 *
 * @throws PrumergeError `NETWORK` after the last attempt, `ABORTED`, and whatever else `work` throws.
 */
export async function withAttempts<T>(
  connection: HubConnection,
  where: string,
  work: (progress: () => void) => Promise<T>,
): Promise<T> {
  const { attempts, delay } = connection.patience;
  for (let failures = 0; ; ) {
    checkAborted(connection.signal);
    try {
      return await work(() => {
        failures = 0;
      });
    } catch (error) {
      checkAborted(connection.signal);
      if (!(error instanceof PassingFailure)) throw error;
      failures += 1;
      if (failures >= attempts) throw givenUp(error, where, attempts);
      const wait = error.retryAfter ?? delay * 2 ** Math.min(failures - 1, 4);
      await sleep(Math.min(wait, longestWait), undefined, {
        ...(connection.signal && { signal: connection.signal }),
      }).catch(() => checkAborted(connection.signal));
    }
  }
}

/** @throws PrumergeError `ABORTED` where the caller's signal has fired. */
export function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new PrumergeError("ABORTED", "the download was stopped", {
      help: "What has come so far is kept; the next attempt continues there",
      cause: signal.reason,
    });
  }
}

function givenUp(error: PassingFailure, where: string, attempts: number): PrumergeError {
  const often = attempts === 1 ? "" : `, ${attempts} times in a row`;
  return new PrumergeError("NETWORK", `${error.message}${often}`, {
    where,
    help: "Check the connection and try again; downloads continue where they stopped",
    cause: error,
  });
}
