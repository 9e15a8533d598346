import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** `prumerge serve` of the built package, as a process of its own. */
export class ServeProcess {
  private constructor(
    readonly url: string,
    readonly process: ChildProcess,
  ) {}

  /** @param nodeWords options of Node; the child has a channel for messages */
  static async start(words: readonly string[], nodeWords: readonly string[] = []): Promise<ServeProcess> {
    const all = [...nodeWords, main, "serve", "--port", "0", "--log-level", "silent", ...words];
    const child = spawn(process.execPath, all, { stdio: ["ignore", "inherit", "pipe", "ipc"] });
    const lines = createInterface({ input: child.stderr! });
    for await (const line of lines) {
      const [, url] = /^Listening on (\S+)$/.exec(line) ?? [];
      if (url !== undefined) return new ServeProcess(url, child);
      console.error(line);
    }
    throw new Error("the server ended before it listened");
  }

  /** One metric without labels, as it is now. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGTERM");
    await ended;
  }
}
