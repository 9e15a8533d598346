import { PrumergeError } from "../errors.js";

/** What is added to logits, as OpenAI's API has it; the defaults add nothing. */
export interface LogitOptions {
  /** Taken off a token's logit for each time that the answer has it, -2 .. 2. Default 0. */
  readonly frequencyPenalty?: number;
  /** Taken off the logit of every token that the answer has, -2 .. 2. Default 0. */
  readonly presencePenalty?: number;
  /** Added to the logits of tokens by their ids, each -100 .. 100. Default: none. */
  readonly logitBias?: ReadonlyMap<number, number>;
}

const largestPenalty = 2;
const largestBias = 100;

/**
 * Adds the biases, and takes the penalties off for what the answer says: `logit - frequency * count - presence` where the
 * count is above 0. The prompt does not count. (Source: OpenAI's guide on frequency and presence penalties.)
 */
export class LogitAdjustments {
  readonly #counts = new Map<number, number>();
  readonly #frequency: number;
  readonly #presence: number;
  readonly #bias: ReadonlyMap<number, number>;

  /** @throws PrumergeError INVALID_OPTION naming the option that is out of its range */
  constructor({ frequencyPenalty = 0, presencePenalty = 0, logitBias = new Map() }: LogitOptions) {
    check("frequencyPenalty", frequencyPenalty, largestPenalty);
    check("presencePenalty", presencePenalty, largestPenalty);
    for (const [id, bias] of logitBias) {
      if (!Number.isSafeInteger(id) || id < 0) throw refusal("logitBias", "ids of tokens", id);
      check(`logitBias of ${id}`, bias, largestBias);
    }
    this.#frequency = frequencyPenalty;
    this.#presence = presencePenalty;
    this.#bias = logitBias;
  }

  /**
   * @param logits [V], changed
   * @throws PrumergeError INVALID_OPTION for a bias on a token that the model does not have
   */
  apply(logits: Float32Array): void {
    for (const [id, bias] of this.#bias) {
      if (id >= logits.length) throw refusal("logitBias", `ids of tokens, 0 to ${logits.length - 1}`, id);
      logits[id]! += bias;
    }
    if (this.#frequency === 0 && this.#presence === 0) return;
    for (const [id, count] of this.#counts) logits[id]! -= this.#frequency * count + this.#presence;
  }

  /** Counts a token of the answer. */
  say(id: number): void {
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
  }
}

function check(where: string, found: number, largest: number): void {
  if (Math.abs(found) <= largest) return;
  throw refusal(where, `a number, ${-largest} to ${largest}`, found);
}

function refusal(where: string, expected: string, found: unknown): PrumergeError {
  return new PrumergeError("INVALID_OPTION", "out of range", { where, expected, found: String(found) });
}
