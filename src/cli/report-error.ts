import { inspect } from "node:util";
import { PrumergeError } from "../errors.js";
import { isDiskFull, writeError } from "../write-error.js";
import { exitCodes } from "./exit-codes.js";
import { WrongInput } from "./wrong-input.js";

/** Refusals of what stands on the command line. */
const usageErrors: readonly string[] = ["INVALID_OPTION", "UNKNOWN_METHOD", "NO_LABELS"];

/** An error as one or two lines for standard error, and the exit status that goes with it. */
export function describeError(
  error: unknown,
  debug = process.env.PRUMERGE_DEBUG === "1",
): { text: string; exitCode: number } {
  // Of what else is written, also to standard output.
  if (isDiskFull(error)) return describeError(writeError(error, pathOf(error), { summary: "" }), debug);
  if (error instanceof WrongInput) return { ...describeError(error.error, debug), exitCode: exitCodes.usage };
  const details = debug ? `${inspect(error)}\n` : "";
  if (PrumergeError.isInstance(error)) {
    const { help } = error.details;
    const summary = help === undefined ? error.message : error.message.slice(0, -`. ${help}`.length);
    const lines = [`prumerge: ${oneLine(summary)}`, ...(help === undefined ? [] : [oneLine(help)])];
    const exitCode = usageErrors.includes(error.code)
      ? exitCodes.usage
      : error.code === "ABORTED"
        ? exitCodes.interrupted
        : exitCodes.failure;
    return { text: `${lines.join("\n")}\n${details}`, exitCode };
  }
  const message = error instanceof Error ? error.message : String(error);
  const hint = debug ? "" : "Set PRUMERGE_DEBUG=1 to see where it comes from.\n";
  return {
    text: `prumerge: unexpected error: ${oneLine(message)}\n${hint}${details}`,
    exitCode: exitCodes.failure,
  };
}

function pathOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).path ?? "the output";
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, "; ").trim();
}
