import { createInterface } from "node:readline";

/** Where a person is asked; default standard input and standard error. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Asks a person in a terminal; whatever is not yes is no, also the end of the input (Ctrl-D). */
export async function confirm(
  question: string,
  signal: AbortSignal,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<boolean> {
  const lines = createInterface({ input, output });
  // In a terminal the reader of lines gets Ctrl-C.
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const stop = () => lines.close();
  signal.addEventListener("abort", stop, { once: true });
  const reply = await new Promise<string | undefined>((resolve) => {
    lines.once("close", () => resolve(undefined));
    lines.question(question, resolve);
  });
  signal.removeEventListener("abort", stop);
  lines.close();
  signal.throwIfAborted();
  if (reply === undefined) output.write("\n");
  return /^y(es)?$/i.test(reply?.trim() ?? "");
}
