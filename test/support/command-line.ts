import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface Finished {
  /** Exit status, or undefined where a signal ended it. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** What standard input holds; default nothing. */
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Called once the program runs, to disturb it. */
  readonly disturb?: (program: ChildProcess) => void;
}

/** Runs the built command line as a process of its own, offline. */
export function prumerge(words: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  const { input = "", env = {}, cwd, disturb } = options;
  const clean = { ...process.env, HF_HUB_OFFLINE: "1", NO_COLOR: "1", PRUMERGE_DEBUG: "", ...env };
  return new Promise((resolve, reject) => {
    const program = spawn(process.execPath, [main, ...words], { env: clean, ...(cwd && { cwd }) });
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      program[name].setEncoding("utf8").on("data", (text) => {
        texts[name] += text;
      });
    }
    program.on("error", reject);
    program.on("close", (code) => resolve({ status: code ?? undefined, ...texts }));
    program.stdin.on("error", () => undefined); // the program may end without reading it
    program.stdin.end(input);
    disturb?.(program);
  });
}

export const samples = fileURLToPath(new URL("../../models/pocket-llava/samples/", import.meta.url));
