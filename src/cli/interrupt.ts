import { constants } from "node:os";
import { PrumergeError } from "../errors.js";
import { isBrokenPipe, onReaderLeft, ReaderLeft } from "./reader-left.js";

/**
 * Runs work that Ctrl-C ends: the first one fires the signal and fails the work with ABORTED at once, so that files can
 * be tidied up while a step that cannot be stopped is left behind; the second one ends the process. A reader of the output
 * that leaves fires the signal too, with {@link ReaderLeft}: an exit in the middle of a run of ONNX Runtime would be
 * answered by aborting with a core dump.
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
  const stopListening = onReaderLeft(() => controller.abort(new ReaderLeft()));
  try {
    const result = await work(signal);
    signal.throwIfAborted();
    return result;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw isBrokenPipe(error) ? new ReaderLeft() : error;
  } finally {
    stopListening();
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
 * Ends the process as a signal does where nobody listens, without tidying up; shells report 130 for Ctrl-C as well. An
 * ordinary exit would stop ONNX Runtime in the middle of a run, which it answers by aborting with a core dump; process 1
 * of a container has no other way, since its own signals do not end it.
 */
export function endAtOnce(signal: "SIGINT" | "SIGTERM" = "SIGINT"): void {
  if (process.pid === 1) process.exit(128 + constants.signals[signal]);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** How long a step under way may take to end after Ctrl-C, milliseconds. */
const patience = 1000;

/**
 * Waits for the closing of what is still running, and ends the process if that takes too long after Ctrl-C. Where the
 * reader has left, nobody waits.
 */
export async function closeSoon(closing: Promise<void>, signal: AbortSignal): Promise<void> {
  if (!signal.aborted || signal.reason instanceof ReaderLeft) return closing;
  const timer = setTimeout(() => endAtOnce(), patience);
  await closing.finally(() => clearTimeout(timer));
}
