import { exitCodes } from "./exit-codes.js";

/** How long files may take to be tidied up after Ctrl-C, milliseconds. */
const patience = 200;

/**
 * Ends the program with a status. After Ctrl-C it does not wait for what still runs: work that does not look at the signal
 * was left behind and would go on. Models are closed by then, so that an ordinary exit does no harm.
 */
export function leave(status: number): void {
  process.exitCode = status;
  if (status === exitCodes.interrupted) setTimeout(() => process.exit(), patience).unref();
}
