import { z } from "@hono/zod-openapi";
import { PrumergeError } from "../../errors.js";
import { ApiError } from "../http/api-error.js";

/** What is read of a chunk of vLLM's stream; it has further fields, and some chunks are empty. */
const chunkSchema = z.object({
  choices: z.array(
    z.object({
      delta: z.object({ content: z.string().nullish() }),
      finish_reason: z.string().nullish(),
    }),
  ),
  usage: z
    .object({
      prompt_tokens: z.int().min(0),
      completion_tokens: z.int().min(0),
      prompt_tokens_details: z.object({ cached_tokens: z.int().min(0).nullish() }).nullish(),
    })
    .nullish(),
});

const errorSchema = z.object({ error: z.object({ message: z.string() }) });

export interface VllmChunk {
  readonly text: string;
  readonly finishReason: "stop" | "length" | undefined;
  readonly usage:
    | { readonly promptTokens: number; readonly completionTokens: number; readonly cachedTokens: number }
    | undefined;
}

/** @throws ApiError 502 for an error in the stream; PrumergeError NETWORK for what is no chunk */
export function parseChunk(data: string): VllmChunk {
  const value = parseJson(data);
  const failure = errorSchema.safeParse(value);
  if (failure.success) throw backendFailed(failure.data.error.message);
  const found = chunkSchema.safeParse(value);
  if (!found.success) throw new PrumergeError("NETWORK", "the backend sends what is no chunk of an answer");
  const [choice] = found.data.choices;
  const { usage } = found.data;
  return {
    text: choice?.delta.content ?? "",
    finishReason: finishReasonOf(choice?.finish_reason),
    usage: usage
      ? {
          promptTokens: usage.prompt_tokens,
          completionTokens: usage.completion_tokens,
          cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
        }
      : undefined,
  };
}

/** What the client is told of an answer with another status than 200. */
export function upstreamError(status: number, body: string, retryAfter: string | undefined): ApiError {
  const found = errorSchema.safeParse(parseJson(body));
  const message = found.success ? found.data.error.message.slice(0, 500) : "";
  if (status === 400 && message !== "") {
    return new ApiError(400, `The backend refuses the request: ${message}`, { code: "backend_refused" });
  }
  if (status === 429 || status === 503) {
    return new ApiError(429, "The backend is busy. Try again later.", {
      type: "rate_limit_error",
      code: "backend_busy",
      headers: { "Retry-After": /^\d{1,5}$/.test(retryAfter ?? "") ? retryAfter! : "1" },
    });
  }
  return backendFailed(`status ${status}${message === "" ? "" : `: ${message}`}`);
}

export function backendFailed(cause: unknown): ApiError {
  return new ApiError(502, "The backend failed to answer.", { code: "backend_failed", cause });
}

function finishReasonOf(reason: string | null | undefined): VllmChunk["finishReason"] {
  if (reason === null || reason === undefined) return undefined;
  if (reason === "stop" || reason === "length") return reason;
  throw backendFailed(`finish reason ${reason}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
