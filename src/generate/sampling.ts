import { PrumergeError } from "../errors.js";
import { seededRandom } from "../tensor/random.js";
import { LogitAdjustments, type LogitOptions } from "./logit-adjustments.js";

/** Seeds have 32 bits, the state of the generator. */
const largestSeed = 2 ** 32 - 1;

/** How the next token is chosen; the defaults are greedy. */
export interface SamplingOptions extends LogitOptions {
  /** 0 (default) takes the most likely token; above 0 draws from softmax(logits / temperature). */
  readonly temperature?: number;
  /** Draw from the k most likely tokens only; at least 1. Default: off. */
  readonly topK?: number;
  /** Draw from the smallest set whose probability reaches p, 0 < p <= 1. Default: off. */
  readonly topP?: number;
  /** Divides (positive) or multiplies (negative) the logits of tokens already in the prompt or the answer; above 0, 1 (default) is off. */
  readonly repetitionPenalty?: number;
  /**
   * Integer, 0 .. 2^32 - 1. Default: drawn at random and told in the result. Repeats a sampled answer where as much of
   * the prompt comes from an earlier cache as before; `reusePrefix: false` makes sure of that. Prefill and decode round
   * otherwise: int8 activations by up to 0.08 of a logit (seen at q8), fp32 by 1e-5, and a draw near a border then falls
   * on another token.
   */
  readonly seed?: number;
}

/** {@link SamplingOptions} with defaults filled in and checked. */
export interface SamplingSettings {
  readonly temperature: number;
  readonly topK: number | undefined;
  readonly topP: number;
  readonly repetitionPenalty: number;
  readonly seed: number;
  readonly logits: LogitOptions;
}

/** @throws PrumergeError INVALID_OPTION naming the option that is out of its range */
export function samplingSettings(options: SamplingOptions): SamplingSettings {
  const { temperature = 0, topK, topP = 1, repetitionPenalty = 1, seed = randomSeed() } = options;
  const { frequencyPenalty = 0, presencePenalty = 0, logitBias = new Map() } = options;
  const logits = { frequencyPenalty, presencePenalty, logitBias };
  new LogitAdjustments(logits); // refuses what is out of range
  check("temperature", temperature, Number.isFinite(temperature) && temperature >= 0, "a number, 0 or more");
  check(
    "topK",
    topK,
    topK === undefined || (Number.isSafeInteger(topK) && topK >= 1),
    "a whole number, 1 or more",
  );
  check("topP", topP, topP > 0 && topP <= 1, "a number above 0 and at most 1");
  check(
    "repetitionPenalty",
    repetitionPenalty,
    Number.isFinite(repetitionPenalty) && repetitionPenalty > 0,
    "a number above 0",
  );
  check(
    "seed",
    seed,
    Number.isInteger(seed) && seed >= 0 && seed <= largestSeed,
    `a whole number, 0 to ${largestSeed}`,
  );
  return { temperature, topK, topP, repetitionPenalty, seed, logits };
}

function randomSeed(): number {
  return globalThis.crypto.getRandomValues(new Uint32Array(1))[0]!;
}

function check(where: string, found: unknown, right: boolean, expected: string): void {
  if (!right)
    throw new PrumergeError("INVALID_OPTION", "out of range", { where, expected, found: String(found) });
}

/** Chooses tokens one after another. */
export interface Sampler {
  /** The id chosen from logits [V], which it may change. */
  next(logits: Float32Array): number;
}

/**
 * @param promptIds ids that count as already said for the repetition penalty: the whole prompt, image token included, as
 * in transformers
 * @param suppressedIds ids that are never chosen
 */
export function createSampler(
  settings: SamplingSettings,
  promptIds: Iterable<number>,
  suppressedIds: readonly number[] = [],
): Sampler {
  const said = new Set(promptIds);
  const random = seededRandom(settings.seed);
  const adjustments = new LogitAdjustments(settings.logits);
  return {
    next(logits) {
      for (const id of suppressedIds) logits[id] = Number.NEGATIVE_INFINITY;
      penalizeRepetition(logits, said, settings.repetitionPenalty);
      adjustments.apply(logits);
      const id = settings.temperature === 0 ? argmax(logits) : draw(warp(logits, settings), random());
      said.add(id);
      adjustments.say(id);
      return id;
    },
  };
}

function penalizeRepetition(logits: Float32Array, said: ReadonlySet<number>, penalty: number): void {
  if (penalty === 1) return;
  for (const id of said) {
    const logit = logits[id];
    if (logit !== undefined) logits[id] = logit < 0 ? logit * penalty : logit / penalty;
  }
}

/** Index of the largest logit, the lowest one of equals. */
function argmax(logits: Float32Array): number {
  let best = -1;
  let highest = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (logit > highest) {
      highest = logit;
      best = id;
    } else if (Number.isNaN(logit)) throw notANumber();
  }
  if (best < 0) throw notANumber();
  return best;
}

function notANumber(): PrumergeError {
  return new PrumergeError("RUNTIME", "the language model returned logits that are not numbers", {
    help: "The weights are damaged, or overflow in this dtype",
  });
}

/**
 * Probabilities [V] after temperature, top-k and top-p, in transformers' order (TemperatureLogitsWarper,
 * TopKLogitsWarper, TopPLogitsWarper): tokens equal to the k-th largest logit stay; top-p drops the least likely tokens
 * whose running sum stays at or below 1 - p, and at least one token remains. Changes `logits`.
 */
export function warp(
  logits: Float32Array,
  { temperature, topK, topP }: Pick<SamplingSettings, "temperature" | "topK" | "topP">,
): Float32Array {
  // A temperature near 0 would make infinities of the logits: what counts is how far below the highest they are.
  const highest = logits[argmax(logits)]!;
  const shift = Number.isFinite(Math.fround(highest / temperature)) ? 0 : highest;
  for (let id = 0; id < logits.length; id++) logits[id] = (logits[id]! - shift) / temperature;
  if (topK !== undefined && topK < logits.length) {
    const threshold = Float32Array.from(logits).sort()[logits.length - topK]!;
    for (let id = 0; id < logits.length; id++) {
      if (logits[id]! < threshold) logits[id] = Number.NEGATIVE_INFINITY;
    }
  }
  const probabilities = softmax(logits);
  if (topP < 1) keepNucleus(probabilities, topP);
  return probabilities;
}

function softmax(logits: Float32Array): Float32Array {
  const highest = logits[argmax(logits)]!;
  const powers = logits.map((logit) => Math.exp(logit - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function keepNucleus(probabilities: Float32Array, topP: number): void {
  const ascending = Array.from(probabilities.keys())
    .filter((id) => probabilities[id]! > 0)
    .sort((a, b) => probabilities[a]! - probabilities[b]! || a - b);
  let sum = 0;
  let dropped = 0;
  for (const id of ascending.slice(0, -1)) {
    sum += probabilities[id]!;
    if (sum > 1 - topP) break;
    dropped += probabilities[id]!;
    probabilities[id] = 0;
  }
  const rest = 1 - dropped;
  for (const id of ascending) probabilities[id]! /= rest;
}

function draw(probabilities: Float32Array, random: number): number {
  let sum = 0;
  let last = 0;
  for (let id = 0; id < probabilities.length; id++) {
    if (probabilities[id] === 0) continue;
    sum += probabilities[id]!;
    last = id;
    if (random < sum) return id;
  }
  return last; // rounding left the sum just below the draw
}
