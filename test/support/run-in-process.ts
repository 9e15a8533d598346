import { vi } from "vitest";
import { runCommandLine } from "../../dist/cli/run.js";
import type { Finished } from "./command-line.js";

/**
 * Runs the built command line in this process, offline: as `prumerge` of command-line.ts does, without a process's start
 * and end. For commands that read no standard input, one at a time.
 */
export async function runInProcess(words: readonly string[]): Promise<Finished> {
  const texts = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation(((text: unknown, ...rest: unknown[]) => {
      texts[name] += String(text);
      const done = rest.findLast((one) => typeof one === "function");
      if (done !== undefined) queueMicrotask(done as () => void);
      return true;
    }) as typeof process.stdout.write),
  );
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  vi.stubEnv("NO_COLOR", "1");
  vi.stubEnv("PRUMERGE_DEBUG", "");
  try {
    return { status: await runCommandLine(words), ...texts };
  } finally {
    vi.unstubAllEnvs();
    for (const spy of spies) spy.mockRestore();
  }
}
