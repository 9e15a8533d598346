import { Readable } from "node:stream";
import { vi } from "vitest";
import { runCommandLine } from "../../dist/cli/run.js";
import type { CommandOptions, Finished } from "./command-line.js";

let last: Promise<unknown> = Promise.resolve();

/**
 * Runs the built command line in this process, offline: as `prumerge` of command-line.ts does, without a process's start
 * and end, for tests of what a command says and writes. Calls wait for each other, since they share their streams.
 */
export function runInProcess(
  words: readonly string[],
  options: Pick<CommandOptions, "input"> = {},
): Promise<Finished> {
  const run = last.then(() => runAlone(words, options));
  last = run.catch(() => undefined);
  return run;
}

async function runAlone(
  words: readonly string[],
  { input = "" }: Pick<CommandOptions, "input">,
): Promise<Finished> {
  const texts = { stdout: "", stderr: "" };
  const written = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation(((text: unknown, ...rest: unknown[]) => {
      texts[name] += String(text);
      const done = rest.findLast((one) => typeof one === "function");
      if (done !== undefined) queueMicrotask(done as () => void);
      return true;
    }) as typeof process.stdout.write),
  );
  const read = vi
    .spyOn(process, "stdin", "get")
    .mockReturnValue(Readable.from([Buffer.from(input)], { objectMode: false }) as typeof process.stdin);
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  vi.stubEnv("NO_COLOR", "1");
  vi.stubEnv("PRUMERGE_DEBUG", "");
  try {
    return { status: await runCommandLine(words), ...texts };
  } finally {
    vi.unstubAllEnvs();
    for (const spy of [...written, read]) spy.mockRestore();
  }
}
