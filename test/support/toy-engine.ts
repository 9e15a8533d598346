import { PrumergeError } from "../../src/errors.js";
import type { Engine, Position, RowAbility, RowPlaces } from "../../src/runtime/engine.js";
import type { Matrix } from "../../src/tensor/matrix.js";

/** What a toy language model says next, from everything that it was fed: one number per row. */
export type Script = (fed: readonly number[]) => number;

/**
 * An engine whose language model is a function, of width 1: a word's embedding is its id. It keeps what each cache holds,
 * so that tests can see what was computed and what was reused.
 */
export class ToyEngine implements Engine {
  readonly vision = { kind: "reduces" } as const;
  readonly caches = new Map<number, number[]>();
  /** Rows of every forward run, in order. */
  readonly runs: number[][] = [];
  /** Where those rows were told to stand. */
  readonly positions: Position[][] = [];
  /** What their keys were told to add, 0 where nothing was said. */
  readonly biases: number[][] = [];
  disposed = false;
  readonly #script: Script;
  readonly #vocabulary: number;
  #next = 0;

  constructor(script: Script, vocabulary = 64) {
    this.#script = script;
    this.#vocabulary = vocabulary;
  }

  see(): Promise<never> {
    return Promise.reject(new PrumergeError("RUNTIME", "toys do not see"));
  }

  project(): Promise<never> {
    return Promise.reject(new PrumergeError("RUNTIME", "toys do not project"));
  }

  async embed(ids: readonly number[]): Promise<Matrix> {
    return { rows: ids.length, columns: 1, data: Float32Array.from(ids) };
  }

  async createCache(): Promise<number> {
    this.caches.set(this.#next, []);
    return this.#next++;
  }

  async forkCache(cache: number, length?: number): Promise<number> {
    const copy = this.#held(cache).slice(0, length);
    this.caches.set(this.#next, copy);
    return this.#next++;
  }

  async truncateCache(cache: number, length: number): Promise<void> {
    this.#held(cache).length = length;
  }

  async releaseCache(cache: number): Promise<void> {
    this.#held(cache);
    this.caches.delete(cache);
  }

  async cacheLength(cache: number): Promise<number> {
    return this.#held(cache).length;
  }

  async cacheMemory(): Promise<{ usedBytes: number; allocatedBytes: number }> {
    return { usedBytes: 0, allocatedBytes: 0 };
  }

  async takes(): Promise<RowAbility> {
    return { positions: true, bias: true };
  }

  async forward(
    cache: number,
    rows: Matrix | readonly number[],
    places: RowPlaces = {},
    signal?: AbortSignal,
  ) {
    signal?.throwIfAborted();
    const fed = "data" in rows ? [...rows.data] : [...rows];
    if (fed.length === 0) throw new PrumergeError("INVALID_TENSOR", "nothing to run");
    const held = this.#held(cache);
    held.push(...fed);
    this.runs.push(fed);
    this.positions.push([...(places.positions ?? [])]);
    this.biases.push([...(places.bias ?? new Float32Array(fed.length))]);
    await new Promise((resolve) => setImmediate(resolve));
    const logits = new Float32Array(this.#vocabulary);
    logits[this.#script(held)] = 1;
    return { logits, milliseconds: 0 };
  }

  async dispose(): Promise<void> {
    this.disposed = true;
  }

  #held(cache: number): number[] {
    const held = this.caches.get(cache);
    if (held === undefined) throw new PrumergeError("RUNTIME", `no cache ${cache}`);
    return held;
  }
}
