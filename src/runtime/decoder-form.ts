import type { Placed } from "./held-places.js";

/** One sequence's keys and values, in whatever layout a form of decoder graph wants them. */
export interface DecoderCache {
  /** Tokens held. */
  readonly length: number;
  readonly usedBytes: number;
  readonly allocatedBytes: number;
  /** Position of a row that is given none. */
  readonly nextPosition: number;
  truncate(length: number): void;
  /** A copy of all tokens, or of the first `length` without room for more: what comes behind these is a prompt. */
  fork(length?: number): DecoderCache;
  /** Gives the memory back; nothing else is asked of the cache afterwards. */
  release(): void;
  /**
   * Runs the decoder over rows [count, D], appends their keys and values with their places, and returns the logits of the
   * last row, [V]. A failed run leaves the cache as it was.
   *
   * @throws PrumergeError UNSUPPORTED_MODEL for places that the graph has no input for
   */
  run(rows: Float32Array, count: number, places: Placed): Promise<Float32Array>;
}
