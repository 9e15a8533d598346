import { Worker } from "node:worker_threads";
import { PrumergeError } from "../errors.js";
import type { LanguageSide, VisionSide } from "./sides.js";
import { type Call, fromPlainError, type Method, type Reply, type WorkerSetup } from "./worker-protocol.js";

/** Sources run as they are in tests and benches; a worker needs the built file. */
const builtEntry = new URL(
  import.meta.url.endsWith(".ts") ? "../../dist/runtime/worker.js" : "./worker.js",
  import.meta.url,
);

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: PrumergeError) => void;
}

/**
 * Calls into a worker thread, which is started by the first one. Arguments are copied, results are moved. The worker
 * keeps the process alive only while calls are pending.
 */
export class WorkerCaller {
  #worker: Worker | undefined;
  #failure: PrumergeError | undefined;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;

  /** @param entry file that the worker runs; by default the engine's own */
  constructor(
    readonly setup: WorkerSetup,
    readonly entry: URL = builtEntry,
  ) {}

  call<Result>(method: Method, ...args: readonly unknown[]): Promise<Result> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const id = this.#nextId++;
    return new Promise<Result>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, method, args } satisfies Call);
    });
  }

  /** Ends the worker once its pending calls are done. */
  async dispose(): Promise<void> {
    const worker = this.#worker;
    const disposed = new PrumergeError("RUNTIME", "the engine is disposed", {
      where: this.setup.files.folder,
    });
    if (worker !== undefined && this.#failure === undefined) {
      const ended = new Promise((resolve) => worker.once("exit", resolve));
      await this.call("dispose").catch(() => undefined);
      this.#fail(disposed);
      worker.ref();
      await ended;
    }
    this.#fail(disposed);
  }

  #start(): Worker {
    const worker = new Worker(this.entry, {
      workerData: this.setup,
      name: `prumerge ${this.setup.side}`,
      // Flags like --input-type are about how the process was started, and a worker refuses them.
      execArgv: [],
      // ONNX Runtime 1.30 matches the whole command line with a recursive expression: a long question on it overflows
      // a thread's usual 4 MB of stack and ends the process. The most that Linux takes as one word, 128 kB, fits here.
      resourceLimits: { stackSizeMb: 64 },
    });
    worker.on("message", (reply: Reply) => this.#settle(reply));
    worker.on("error", (cause) => this.#fail(this.#ended("the engine's worker failed", cause)));
    worker.on("exit", () => this.#fail(this.#ended("the engine's worker ended")));
    return worker;
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (this.#pending.size === 0) this.#worker?.unref();
    if ("error" in reply) pending?.reject(fromPlainError(reply.error));
    else pending?.resolve(reply.result as never);
  }

  #ended(summary: string, cause?: unknown): PrumergeError {
    const where = this.setup.files.folder;
    return new PrumergeError("RUNTIME", summary, cause === undefined ? { where } : { where, cause });
  }

  #fail(error: PrumergeError): void {
    this.#failure ??= error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

export function workerVision(caller: WorkerCaller): VisionSide {
  return {
    warm: () => caller.call("warm"),
    see: (...args) => caller.call("see", ...args),
    project: (...args) => caller.call("project", ...args),
    dispose: () => caller.dispose(),
  };
}

export function workerLanguage(caller: WorkerCaller): LanguageSide {
  return {
    warm: () => caller.call("warm"),
    embed: (...args) => caller.call("embed", ...args),
    createCache: () => caller.call("createCache"),
    forkCache: (...args) => caller.call("forkCache", ...args),
    truncateCache: (...args) => caller.call("truncateCache", ...args),
    releaseCache: (...args) => caller.call("releaseCache", ...args),
    cacheLength: (...args) => caller.call("cacheLength", ...args),
    cacheMemory: (...args) => caller.call("cacheMemory", ...args),
    forward: (...args) => caller.call("forward", ...args),
    dispose: () => caller.dispose(),
  };
}
