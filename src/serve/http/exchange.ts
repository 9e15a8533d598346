import type { HttpBindings } from "@hono/node-server";

/** How an answer left: `gone` where its client went before it was whole. */
export interface Ended {
  readonly status: number;
  readonly gone: boolean;
}

/** One request and the way its answer takes, whatever carries them. */
export interface Exchange {
  /** Calls the listener once, when the answer has been handed over whole or nobody takes it any more. */
  onEnd(listener: (ended: Ended) => void): void;
  /** Whether the connection has to end with this answer, since what was not read of the body would be taken for the next request. */
  readonly bodyLeft: boolean;
  /** Bytes that have left the process, where others still wait for their client; undefined where none do or nobody knows. */
  readonly stuckAt: number | undefined;
  /** Cuts the connection, where it is ours. */
  cut(): void;
}

/** A request that came over a connection of Node's. */
export class NodeExchange implements Exchange {
  readonly #bindings: HttpBindings;

  constructor(bindings: HttpBindings) {
    this.#bindings = bindings;
  }

  onEnd(listener: (ended: Ended) => void): void {
    const { outgoing } = this.#bindings;
    outgoing.once("close", () => listener({ status: outgoing.statusCode, gone: !outgoing.writableFinished }));
  }

  get bodyLeft(): boolean {
    return !this.#bindings.incoming.complete;
  }

  get stuckAt(): number | undefined {
    const { socket } = this.#bindings.outgoing;
    if (socket === null || socket.writableLength === 0) return undefined;
    return socket.bytesWritten - socket.writableLength;
  }

  cut(): void {
    this.#bindings.outgoing.socket?.destroy();
  }
}

/** A `Request` that somebody else's server received, who answers for its connection. */
export class FetchExchange implements Exchange {
  readonly bodyLeft = false;
  readonly stuckAt = undefined;
  readonly #listeners: ((ended: Ended) => void)[] = [];
  #ended: Ended | undefined;

  /** @param signal fires when the client has gone */
  constructor(signal: AbortSignal) {
    const gone = () => this.#end({ status: 0, gone: true });
    if (signal.aborted) gone();
    else signal.addEventListener("abort", gone, { once: true });
  }

  onEnd(listener: (ended: Ended) => void): void {
    if (this.#ended === undefined) this.#listeners.push(listener);
    else listener(this.#ended);
  }

  cut(): void {}

  /** The same answer, whose end is noticed as its body is read. */
  watch(answer: Response): Response {
    const { status } = answer;
    const end = (gone: boolean) => this.#end({ status, gone });
    if (answer.body === null) {
      end(false);
      return answer;
    }
    const reader = answer.body.getReader();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          controller.close();
          end(false);
        } catch (error) {
          controller.error(error);
          end(true);
        }
      },
      cancel(reason) {
        end(true);
        return reader.cancel(reason);
      },
    });
    return new Response(body, answer);
  }

  #end(ended: Ended): void {
    if (this.#ended !== undefined) return;
    this.#ended = ended;
    for (const listener of this.#listeners.splice(0)) listener(ended);
  }
}
