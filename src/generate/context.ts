import { PrumergeError } from "../errors.js";

/** New tokens where neither the caller nor the model's generation_config.json says how many. */
const defaultNewTokens = 512;

/** Limits of whoever runs a model for others, below those of the model itself. */
export interface AnswerLimits {
  /** Tokens of a prompt, visual tokens included. Default: the model's context. */
  readonly promptTokens?: number;
  /** Tokens of an answer; one that asks for more is refused, one that asks for no number gets this many at most. */
  readonly newTokens?: number;
}

/**
 * How many tokens an answer may have, before any work is done. A number that the caller asked for must fit; without
 * one it is the model's own limit, or what the context has room for.
 *
 * @param asked the caller's number, undefined for none
 * @param suggested `max_new_tokens` of the model's generation_config.json
 * @throws PrumergeError CONTEXT_EXCEEDED or LIMIT_EXCEEDED with the numbers, INVALID_OPTION for a number below 1
 */
export function newTokenLimit(
  asked: number | undefined,
  suggested: number | undefined,
  promptTokens: number,
  context: number,
  limits: AnswerLimits = {},
): number {
  if (asked !== undefined && !(Number.isSafeInteger(asked) && asked >= 1)) {
    throw new PrumergeError("INVALID_OPTION", "out of range", {
      where: "maxNewTokens",
      expected: "a whole number, 1 or more",
      found: String(asked),
    });
  }
  refuseAbove("prompt", promptTokens, limits.promptTokens);
  refuseAbove("answer", asked ?? 1, limits.newTokens);
  const room = context - promptTokens;
  const wanted = asked ?? 1;
  if (room < wanted) {
    throw new PrumergeError("CONTEXT_EXCEEDED", "prompt and answer do not fit the language model's context", {
      expected: `at most ${context} tokens`,
      found: `${promptTokens} of the prompt and ${wanted} of the answer`,
      help:
        room >= 1
          ? `Ask for at most ${room} new tokens, or use fewer visual tokens`
          : "Shorten the question or the conversation, or use fewer visual tokens",
    });
  }
  return asked ?? Math.min(suggested ?? defaultNewTokens, room, limits.newTokens ?? room);
}

function refuseAbove(where: string, tokens: number, most = tokens): void {
  if (tokens <= most) return;
  throw new PrumergeError("LIMIT_EXCEEDED", "too many tokens", {
    where,
    expected: `at most ${most}`,
    found: String(tokens),
  });
}
