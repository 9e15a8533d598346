import type { PrumergeError } from "../errors.js";
import { fromPlainError } from "../plain-error.js";
import type { LanguageSide, VisionSide } from "./sides.js";
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

export function remoteVision(caller: RemoteCaller): VisionSide {
  return {
    warm: () => caller.call("warm"),
    see: (...args) => caller.call("see", ...args),
    project: (...args) => caller.call("project", ...args),
    dispose: () => caller.dispose(),
  };
}

export function remoteLanguage(caller: RemoteCaller): LanguageSide {
  return {
    warm: () => caller.call("warm"),
    embed: (...args) => caller.call("embed", ...args),
    createCache: () => caller.call("createCache"),
    forkCache: (...args) => caller.call("forkCache", ...args),
    truncateCache: (...args) => caller.call("truncateCache", ...args),
    releaseCache: (...args) => caller.call("releaseCache", ...args),
    cacheLength: (...args) => caller.call("cacheLength", ...args),
    cacheMemory: (...args) => caller.call("cacheMemory", ...args),
    takesPositions: () => caller.call("takesPositions"),
    forward: (...args) => caller.call("forward", ...args),
    dispose: () => caller.dispose(),
  };
}
