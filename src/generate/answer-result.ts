import type { Dtype } from "../models/dtypes.js";
import type { FinishReason } from "./generate.js";

/**
 * Milliseconds of work, the engine's runs and this thread's; waiting for turns behind other runs of the model stands apart. The pictures
 * were encoded before: add `encode` to `firstToken` for the whole work to the first token, and the waits to that for the time
 * that passed.
 */
export interface AnswerTimings {
  /** Encoding of all pictures of the prompt, when they were seen. */
  readonly encode: number;
  /** The language model's run over what was new of the prompt, without the wait for its turn. */
  readonly prefill: number;
  /** From the call to the first token. */
  readonly firstToken: number;
  /** Mean per token after the first; undefined for fewer than two tokens. */
  readonly perToken: number | undefined;
  /** From the call to the end. */
  readonly total: number;
  /** What waiting came on top of `encode`, `firstToken` and `total`. */
  readonly encodeWait: number;
  readonly firstTokenWait: number;
  readonly totalWait: number;
}

export interface AnswerResult {
  /** The whole answer, without white space at its ends. */
  readonly text: string;
  /** New tokens, without the one that ended the answer. */
  readonly tokenIds: readonly number[];
  readonly finishReason: FinishReason;
  /** Tokens of the prompt, visual tokens included. */
  readonly promptTokens: number;
  readonly visualTokens: number;
  /**
   * How many positions fewer than they were seen with the pictures take, since prompt and answer would have passed the language
   * model's context: their rows are then spread evenly over what was left. Left out where none are missing.
   */
  readonly missingPositions?: number;
  /** Tokens of the prompt that an earlier prompt's cache held already. */
  readonly reusedTokens: number;
  /** Exact bytes of the prompt's keys and values in float32; half of them where another exporter's graph has float16. */
  readonly keyValueBytes: number;
  /** Of the weights that the prompt was multiplied by, where these are others than those of tokens. */
  readonly prefillDtype?: Dtype;
  /** Seed that repeats a sampled answer for the same `reusedTokens`; undefined for greedy ones. */
  readonly seed: number | undefined;
  readonly timings: AnswerTimings;
  /** [V] for each of `tokenIds`, before any penalty; only where `keepLogits` was asked for. */
  readonly logits?: readonly Float32Array[];
}
