import type { PrumergeError } from "../errors.js";
import { fromPlainError } from "../plain-error.js";
import { eachCall, type Half } from "./engine-calls.js";
import type { Side } from "./sides.js";
import type { Call, Method, Reply } from "./worker-protocol.js";

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (error: PrumergeError) => void;
}

/** Calls into another thread that wait for their replies. */
export class PendingCalls {
  readonly #pending = new Map<number, Pending>();
  #failure: PrumergeError | undefined;
  #nextId = 0;

  /** Why calls are refused from now on; undefined while they are not. */
  get failure(): PrumergeError | undefined {
    return this.#failure;
  }

  /** Whether no call waits. */
  get idle(): boolean {
    return this.#pending.size === 0;
  }

  /** Numbers a call and hands it to `send`; the promise settles with its reply. */
  start<Result>(method: Method, args: readonly unknown[], send: (call: Call) => void): Promise<Result> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    return new Promise<Result>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      send({ id, method, args });
    });
  }

  settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ("error" in reply) pending?.reject(fromPlainError(reply.error));
    else pending?.resolve(reply.result as never);
  }

  /** Rejects every waiting call, and all later ones; the first reason counts. */
  fail(error: PrumergeError): void {
    this.#failure ??= error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

/** One thread's sessions, seen from another thread. */
export interface RemoteCaller {
  call<Result>(method: Method, ...args: readonly unknown[]): Promise<Result>;
  dispose(): Promise<void>;
}

/** A half of an engine whose sessions are in another thread. */
export function remoteSide<Name extends Half>(half: Name, caller: RemoteCaller): Side<Name> {
  return {
    ...eachCall(
      (method) =>
        (...args) =>
          caller.call(method, ...args),
      half,
    ),
    warm: () => caller.call("warm"),
    dispose: () => caller.dispose(),
  };
}
