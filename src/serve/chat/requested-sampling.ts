import type { BackendRequest } from "../backend/backend.js";
import { ApiError } from "../http/api-error.js";
import type { ChatRequest } from "../schema/chat-request.js";

export type RequestedSampling = Pick<
  BackendRequest,
  | "maxTokens"
  | "temperature"
  | "topP"
  | "seed"
  | "stop"
  | "frequencyPenalty"
  | "presencePenalty"
  | "logitBias"
>;

/** Share of the likeliest token that any vocabulary has: with it that token is drawn, as `top_p` 0 means. */
const likeliestAlone = 1e-6;

/**
 * A request's fields of sampling as backends take them.
 *
 * @throws ApiError 400 for two lengths that differ, or a bias on a token that the model does not have
 */
export function requestedSampling(request: ChatRequest, vocabularySize: number): RequestedSampling {
  const { temperature, top_p: topP, seed, stop = [] } = request;
  const {
    frequency_penalty: frequencyPenalty,
    presence_penalty: presencePenalty,
    logit_bias: bias,
  } = request;
  const { max_tokens: maxTokens, max_completion_tokens: asked = maxTokens } = request;
  if (maxTokens !== undefined && asked !== maxTokens) {
    throw new ApiError(400, "Only one of 'max_tokens' and 'max_completion_tokens' can be met: they differ.", {
      code: "invalid_value",
      param: "max_tokens",
    });
  }
  return {
    stop: typeof stop === "string" ? [stop] : stop,
    ...(asked !== undefined && { maxTokens: asked }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP: Math.max(topP, likeliestAlone) }),
    ...(seed !== undefined && { seed: foldSeed(seed) }),
    ...(frequencyPenalty !== undefined && { frequencyPenalty }),
    ...(presencePenalty !== undefined && { presencePenalty }),
    ...(bias !== undefined && { logitBias: biasesOf(bias, vocabularySize) }),
  };
}

function biasesOf(bias: NonNullable<ChatRequest["logit_bias"]>, vocabularySize: number): Map<number, number> {
  const unknown = Object.keys(bias).find((id) => Number(id) >= vocabularySize);
  if (unknown === undefined) return new Map(Object.entries(bias).map(([id, value]) => [Number(id), value]));
  throw new ApiError(400, `Invalid 'logit_bias': the model's tokens have ids below ${vocabularySize}.`, {
    code: "invalid_value",
    param: `logit_bias.${unknown}`,
  });
}

/** Any whole number as a seed of 32 bits; those that are one already stay. The same number always gives the same seed. */
export function foldSeed(seed: number): number {
  const bits = BigInt.asUintN(64, BigInt(seed));
  if (bits < 2n ** 32n) return Number(bits);
  return Number(BigInt.asUintN(64, bits * 0x9e3779b97f4a7c15n) >> 32n); // Fibonacci hashing
}
