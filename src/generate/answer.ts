import type { AnswerLimits } from "./context.js";
import type { FinishReason } from "./generate.js";
import type { Question } from "./messages.js";
import { type AnswerContext, runAnswer } from "./run-answer.js";
import type { SamplingOptions } from "./sampling.js";
import { TextQueue } from "./text-queue.js";
import type { VisualTokens } from "./visual-tokens.js";

export interface AnswerOptions extends SamplingOptions {
  /** At least 1. Default: what the model's generation_config.json says, else 512, as far as the context has room. */
  readonly maxNewTokens?: number;
  /** The answer ends before the first of these strings. */
  readonly stop?: readonly string[];
  /** Looked at between steps; an aborted answer keeps the text that it has. */
  readonly signal?: AbortSignal;
  /**
   * Start from the key/value cache of an earlier prompt with the same beginning. Default true. How much is reused moves
   * logits slightly (by up to 0.08 at q8, 1e-5 at fp32, the largest seen), so a `seed` repeats a sampled answer only for
   * the same reuse: set false for answers that must not depend on what was asked before; no later one starts from theirs
   * either, and their cache is not kept. `pictures` reuses everything through the last picture, or nothing, and runs the
   * language model over these two parts of the prompt apart either way: the questions about one picture share its
   * prefix, and their answers are the same to the bit in any order.
   */
  readonly reusePrefix?: boolean | "pictures";
  /** Hand the logits of every token back in the result. Default false. */
  readonly keepLogits?: boolean;
  /** Limits below the model's own, for those who answer others. Default: none. */
  readonly limits?: AnswerLimits;
}

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
  /** Tokens of the prompt that an earlier prompt's cache held already. */
  readonly reusedTokens: number;
  /** Exact bytes of the prompt's keys and values in float32; half of them where another exporter's graph has float16. */
  readonly keyValueBytes: number;
  /** Seed that repeats a sampled answer for the same `reusedTokens`; undefined for greedy ones. */
  readonly seed: number | undefined;
  readonly timings: AnswerTimings;
  /** [V] for each of `tokenIds`, before any penalty; only where `keepLogits` was asked for. */
  readonly logits?: readonly Float32Array[];
}

/** An answer under way: iterate over its text as it comes, or await `result`, or both. */
export interface Answer extends AsyncIterable<string> {
  readonly result: Promise<AnswerResult>;
}

/** Starts at once, whether or not anyone listens. Leaving the iteration early aborts the answer. */
export function startAnswer(
  context: AnswerContext,
  pictures: readonly VisualTokens[],
  question: Question,
  options: AnswerOptions,
): Answer {
  const left = new AbortController();
  const signal = options.signal === undefined ? left.signal : AbortSignal.any([left.signal, options.signal]);
  const queue = new TextQueue(() => left.abort());
  const result = runAnswer(context, pictures, question, options, signal, queue);
  result.then(
    () => queue.end(),
    (reason) => queue.fail(reason),
  );
  return { result, [Symbol.asyncIterator]: () => queue[Symbol.asyncIterator]() };
}
