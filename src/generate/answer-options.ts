import type { AnswerLimits } from "./context.js";
import type { SamplingOptions } from "./sampling.js";

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
