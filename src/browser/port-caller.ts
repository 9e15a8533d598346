import { PrumergeError } from "../errors.js";
import { PendingCalls, type RemoteCaller } from "../runtime/remote-calls.js";
import type { Reply } from "../runtime/worker-protocol.js";

/** Calls into a worker over one port. Arguments are copied, results are moved. */
export class PortCaller implements RemoteCaller {
  readonly #calls = new PendingCalls();

  constructor(readonly port: MessagePort) {
    port.onmessage = ({ data }: MessageEvent<Reply>) => this.#calls.settle(data);
  }

  call<Result>(method: string, ...args: readonly unknown[]): Promise<Result> {
    return this.#calls.start(method, args, (call) => this.port.postMessage(call));
  }

  /** Refuses all calls from now on. */
  fail(error: PrumergeError): void {
    this.#calls.fail(error);
    this.port.close();
  }

  async dispose(): Promise<void> {
    if (this.#calls.failure === undefined) await this.call("dispose").catch(() => undefined);
    this.fail(new PrumergeError("RUNTIME", "the engine is disposed"));
  }
}
