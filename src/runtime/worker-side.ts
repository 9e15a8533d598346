import { Worker } from "node:worker_threads";
import { PrumergeError } from "../errors.js";
import { PendingCalls, type RemoteCaller } from "./remote-calls.js";
import type { Method, Reply, WorkerSetup } from "./worker-protocol.js";

/** Sources run as they are in tests and benches; a worker needs the built file. */
const builtEntry = new URL(
  import.meta.url.endsWith(".ts") ? "../../dist/runtime/worker.js" : "./worker.js",
  import.meta.url,
);

/**
 * Calls into a worker thread, which is started by the first one. Arguments are copied, results are moved. The worker
 * keeps the process alive only while calls are pending.
 */
export class WorkerCaller implements RemoteCaller {
  #worker: Worker | undefined;
  readonly #calls = new PendingCalls();
  /** Once it was told to end: the worker's exit may be seen before its reply. */
  #disposed: PrumergeError | undefined;

  /** @param entry file that the worker runs; by default the engine's own */
  constructor(
    readonly setup: WorkerSetup,
    readonly entry: URL = builtEntry,
  ) {}

  call<Result>(method: Method, ...args: readonly unknown[]): Promise<Result> {
    return this.#calls.start(method, args, (call) => {
      this.#worker ??= this.#start();
      this.#worker.ref();
      this.#worker.postMessage(call);
    });
  }

  /** Ends the worker once its pending calls are done. */
  async dispose(): Promise<void> {
    const worker = this.#worker;
    const disposed = new PrumergeError("RUNTIME", "the engine is disposed", {
      where: this.setup.files.folder,
    });
    this.#disposed ??= disposed;
    if (worker !== undefined && this.#calls.failure === undefined) {
      const ended = new Promise((resolve) => worker.once("exit", resolve));
      await this.call("dispose").catch(() => undefined);
      this.#calls.fail(disposed);
      worker.ref();
      await ended;
    }
    this.#calls.fail(disposed);
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
    worker.on("error", (cause) => this.#calls.fail(this.#ended("the engine's worker failed", cause)));
    worker.on("exit", () => this.#calls.fail(this.#disposed ?? this.#ended("the engine's worker ended")));
    return worker;
  }

  #settle(reply: Reply): void {
    this.#calls.settle(reply);
    if (this.#calls.idle) this.#worker?.unref();
  }

  #ended(summary: string, cause?: unknown): PrumergeError {
    const where = this.setup.files.folder;
    return new PrumergeError("RUNTIME", summary, cause === undefined ? { where } : { where, cause });
  }
}
