import { PrumergeError } from "../errors.js";

/**
 * Runs work that Ctrl-C ends: the first one fires the signal and fails the work with ABORTED at once, so that files can
 * be tidied up while a step that cannot be stopped is left behind; the second one ends the process.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const onInterrupt = () => {
    if (signal.aborted) endAtOnce();
    controller.abort(new PrumergeError("ABORTED", "interrupted"));
  };
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onInterrupt);
  try {
    const result = await work(signal);
    signal.throwIfAborted();
    return result;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    process.off("SIGINT", onInterrupt);
    process.off("SIGTERM", onInterrupt);
  }
}

/**
 * For work that ends by itself some time after the signal: another signal, which follows the first only until `done` is
 * called, for what may be cut short before.
 */
export function untilLoaded(signal: AbortSignal): { readonly signal: AbortSignal; done(): void } {
  const loading = new AbortController();
  const cut = () => loading.abort(signal.reason);
  if (signal.aborted) cut();
  signal.addEventListener("abort", cut, { once: true });
  return { signal: loading.signal, done: () => signal.removeEventListener("abort", cut) };
}

/**
 * Ends the process as Ctrl-C does where nobody listens, without tidying up; shells report 130 as well. An ordinary exit
 * would stop ONNX Runtime in the middle of a run, which it answers by aborting with a core dump.
 */
export function endAtOnce(): void {
  process.removeAllListeners("SIGINT");
  process.kill(process.pid, "SIGINT");
}

/** How long a step under way may take to end after Ctrl-C, milliseconds. */
const patience = 1000;

/** Waits for the closing of what is still running after Ctrl-C, and ends the process if that takes too long. */
export async function closeSoon(closing: Promise<void>): Promise<void> {
  const timer = setTimeout(endAtOnce, patience);
  await closing.finally(() => clearTimeout(timer));
}
