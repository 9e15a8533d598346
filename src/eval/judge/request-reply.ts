import { z } from "zod";
import { PrumergeError } from "../../errors.js";
import { type JudgeEndpoint, judgeProtocols } from "./endpoint.js";
import type { JudgeMessage } from "./judge-request.js";

/** What a judge said, and what it took. */
export interface JudgeReply {
  readonly text: string;
  /** As the server calls the model that answered; null where it does not say. */
  readonly model: string | null;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  readonly milliseconds: number;
}

/** Why there is no reply. `again`: whether another try may bring one, and after how many milliseconds at the least. */
export interface NoReply {
  readonly reason: string;
  readonly again: boolean;
  readonly after?: number;
}

const answerSchema = z.object({
  model: z.string().optional(),
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
  usage: z
    .object({ prompt_tokens: z.int().nonnegative(), completion_tokens: z.int().nonnegative() })
    .nullish()
    .catch(undefined),
});

/** Bytes of an answer that are read; a judgement has a few hundred. */
const mostBytes = 2 ** 20;
/** Milliseconds until a judge has to have answered. */
const patience = 120_000;
/** Longest wait that a server may ask for, milliseconds. */
const longestWait = 60_000;

/**
 * Asks a judge once. Redirects are not followed: a key would go along.
 *
 * @throws PrumergeError NETWORK where the server refuses every request (401, 403, 404); what `signal` was aborted with
 */
export async function requestReply(
  endpoint: JudgeEndpoint,
  messages: readonly JudgeMessage[],
  signal: AbortSignal,
): Promise<JudgeReply | NoReply> {
  const { url, model, protocol, key } = endpoint;
  const began = performance.now();
  try {
    const response = await fetch(url, {
      method: "POST",
      redirect: "error",
      headers: {
        "content-type": "application/json",
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify({ model, messages, ...judgeProtocols[protocol] }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
    });
    const body = await readBody(response);
    if (!response.ok) return refusedReply(endpoint, response, body);
    const parsed = answerSchema.safeParse(parseJson(body));
    if (!parsed.success) return { reason: "not an answer of chat completions", again: true };
    const { choices, usage } = parsed.data;
    return {
      text: choices[0]!.message.content,
      model: parsed.data.model ?? null,
      promptTokens: usage?.prompt_tokens ?? null,
      completionTokens: usage?.completion_tokens ?? null,
      milliseconds: Math.round(performance.now() - began),
    };
  } catch (error) {
    if (signal.aborted || PrumergeError.isInstance(error)) throw error;
    const { message, cause } = error as Error;
    const detail = cause instanceof Error && cause.message !== "" ? `${message}: ${cause.message}` : message;
    return {
      reason: (error as Error).name === "TimeoutError" ? `no answer within ${patience / 1000} s` : detail,
      again: true,
    };
  }
}

function refusedReply({ url, model }: JudgeEndpoint, response: Response, body: string): NoReply {
  const { status } = response;
  const reason = `HTTP ${status}: ${body.slice(0, 200).replaceAll(/\s+/g, " ").trim()}`;
  if ([401, 403, 404, 405].includes(status)) {
    throw new PrumergeError("NETWORK", "the judge refuses to judge", {
      where: url,
      expected: `chat completions of the model ${model}`,
      found: reason,
      help: "Look at the address, the model's name and the key",
    });
  }
  const seconds = Number(response.headers.get("retry-after"));
  const after = seconds > 0 ? Math.min(longestWait, 1000 * seconds) : undefined;
  const again = status === 408 || status === 409 || status === 429 || status >= 500;
  return { reason, again, ...(after !== undefined && { after }) };
}

async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error(`an answer of more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
