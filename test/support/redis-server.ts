import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether a `redis-server` can be started here; says so where not, since tests are left out then. */
export function hasRedisServer(): boolean {
  const { status } = spawnSync("redis-server", ["--version"]);
  if (status === 0) return true;
  console.warn(
    "Left out: tests with a real Redis (there is no redis-server; Debian: apt-get install redis-server)",
  );
  return false;
}

/** A Redis server of its own on a free port, without anything on disk. */
export class RedisServer {
  #process: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    readonly folder: string,
  ) {}

  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), mkdtempSync(join(tmpdir(), "prumerge-redis-")));
    await server.run();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, empty. */
  async run(): Promise<void> {
    const words = ["--port", `${this.port}`, "--save", "", "--appendonly", "no", "--dir", this.folder];
    const program = spawn("redis-server", words, { stdio: ["ignore", "pipe", "inherit"] });
    this.#process = program;
    await new Promise<void>((resolve, reject) => {
      program.on("error", reject);
      program.on("exit", () => reject(new Error("redis-server ended")));
      program.stdout.on("data", (text: Buffer) => {
        if (text.includes("Ready to accept connections")) resolve();
      });
    });
  }

  /** Ends it at once; what it held is lost. */
  async kill(): Promise<void> {
    const program = this.#process;
    if (program === undefined || program.exitCode !== null) return;
    const ended = new Promise((resolve) => program.once("exit", resolve));
    program.kill("SIGKILL");
    await ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
