import { PrumergeError } from "../errors.js";
import type { OnnxRuntime, Session, SessionOptions } from "./session.js";

/** A session that is opened on first use, once, and closed with its owner. */
export class SessionSlot {
  #opening: Promise<Session> | undefined;
  #disposed = false;

  /** @param path undefined where the model folder lacks the graph; `graph` names it then */
  constructor(
    readonly runtime: OnnxRuntime,
    readonly path: string | undefined,
    readonly graph: string,
    readonly folder: string,
    readonly options: SessionOptions,
    /** Bytes of another graph over the weights beside that file. */
    readonly bytes?: Uint8Array,
  ) {}

  /** @throws PrumergeError NOT_FOUND where the folder lacks the graph; those of {@link OnnxRuntime.openSession} */
  open(): Promise<Session> {
    if (this.#disposed) {
      return Promise.reject(new PrumergeError("RUNTIME", "the engine is disposed", { where: this.folder }));
    }
    this.#opening ??= this.#load();
    return this.#opening;
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    const session = await this.#opening?.catch(() => undefined);
    await session?.dispose();
  }

  async #load(): Promise<Session> {
    if (this.path === undefined) {
      throw new PrumergeError("NOT_FOUND", "the model folder lacks a graph", {
        expected: `onnx/${this.graph}`,
        where: this.folder,
      });
    }
    return this.runtime.openSession(this.path, this.options, this.bytes);
  }
}
