import { PrumergeError } from "../errors.js";

/**
 * Runs work that Ctrl-C ends: the first one fires the signal and fails the work with ABORTED at once, so that files can
 * be tidied up while a step that cannot be stopped is left behind; the second one ends the process.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const onInterrupt = () => {
    if (signal.aborted) process.exit(130);
    controller.abort(new PrumergeError("ABORTED", "interrupted"));
  };
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onInterrupt);
  try {
    return await work(signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    process.off("SIGINT", onInterrupt);
    process.off("SIGTERM", onInterrupt);
  }
}

/** The work's result, or ABORTED as soon as the signal fires; for steps that do not look at it themselves. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
