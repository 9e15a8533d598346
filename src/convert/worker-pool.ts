import { Worker } from "node:worker_threads";
import { PrumergeError } from "../errors.js";
import { BandWriter } from "./band-writer.js";
import { inputBytes, type RowBand } from "./weight-job.js";
import { type BandReply, errorOf } from "./worker-messages.js";

export interface PoolOptions {
  /** Worker threads; 0 works in the caller's thread. */
  readonly workers: number;
  readonly signal?: AbortSignal | undefined;
  /** Called after each band with the bytes of the checkpoint that it read. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Carries out bands on worker threads, each fetching the next one when it is done. The first error, or the signal, ends
 * all of them before the promise settles: nothing writes afterwards.
 *
 * @param paths destination files, which exist already
 */
export async function carryOutBands(
  bands: readonly RowBand[],
  paths: readonly string[],
  { workers, signal, onBytes }: PoolOptions,
): Promise<void> {
  const queue = bands.values();
  const step = (band: RowBand) => onBytes?.(inputBytes(band.job, band.endRow - band.startRow));
  if (workers === 0) {
    const writer = new BandWriter(paths);
    try {
      for (const band of queue) {
        throwIfAborted(signal);
        await writer.carryOut(band);
        step(band);
      }
    } finally {
      await writer.close();
    }
    return;
  }
  throwIfAborted(signal);
  const count = Math.min(workers, bands.length);
  const threads = Array.from({ length: count }, () => {
    // Node refuses to start a file with the flag that `node --input-type=module -e` leaves to inherit.
    const execArgv = process.execArgv.filter((flag) => !flag.startsWith("--input-type"));
    return new Worker(new URL("./worker.js", import.meta.url), { workerData: paths, execArgv });
  });
  try {
    await new Promise<void>((resolve, reject) => {
      const abort = () => reject(abortError(signal));
      signal?.addEventListener("abort", abort, { once: true });
      Promise.all(threads.map((thread) => serve(thread, queue, step)))
        .then(() => resolve(), reject)
        .finally(() => signal?.removeEventListener("abort", abort));
    });
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

/** Feeds one worker until the queue is empty. */
function serve(thread: Worker, queue: Iterator<RowBand>, onDone: (band: RowBand) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let current: RowBand | undefined;
    const next = () => {
      const { value, done } = queue.next();
      if (done) return resolve();
      current = value;
      thread.postMessage(value);
    };
    thread.on("message", (reply: BandReply) => {
      if (!reply.ok) return reject(errorOf(reply));
      // What a caller's progress throws would otherwise end the process.
      try {
        if (current !== undefined) onDone(current);
        next();
      } catch (error) {
        reject(error);
      }
    });
    thread.on("error", reject);
    thread.on("exit", (code) => {
      const where = current?.job.source;
      reject(
        new PrumergeError("RUNTIME", "a conversion worker ended early", {
          found: `exit code ${code}`,
          ...(where === undefined ? {} : { where }),
        }),
      );
    });
    next();
  });
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal);
}

function abortError(signal: AbortSignal | undefined): PrumergeError {
  return new PrumergeError("ABORTED", "the conversion was stopped", { cause: signal?.reason });
}
