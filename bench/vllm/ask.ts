import type OpenAI from "openai";
import { type ChatMessage, createReducer, type LoadedModel, type VisualTokens } from "prumerge";
import type { Sample } from "./samples.js";

/** A reduction as a request to the server names it; `visual_tokens` left out for the method's own rule. */
export interface Reduction {
  readonly method: string;
  readonly visual_tokens?: number;
}

export interface Answered {
  readonly text: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly finishReason: string;
  /** Of each picture. */
  readonly visualTokens: readonly number[];
  /** Milliseconds from the request to the first token, encoding included. */
  readonly firstToken: number;
}

/** One turn: pictures come before the text. */
export interface Turn {
  readonly role: "user" | "assistant";
  readonly text: string;
  readonly pictures?: readonly Sample[];
}

export type Sampling = Pick<
  OpenAI.ChatCompletionCreateParams,
  "max_tokens" | "temperature" | "top_p" | "seed" | "stop"
>;

interface Extension {
  readonly prumerge: {
    readonly pictures: readonly { readonly visual_tokens: number }[];
    readonly timings: { readonly first_token_ms: number };
  };
}

/** Asks a server with OpenAI's client. */
export async function askServer(
  client: OpenAI,
  turns: readonly Turn[],
  reduction: Reduction,
  { stream, ...sampling }: Sampling & { readonly stream: boolean },
): Promise<Answered> {
  const body = {
    model: "pocket-llava",
    messages: turns.map(messageOf),
    prumerge: reduction,
    ...sampling,
  } as OpenAI.ChatCompletionCreateParamsNonStreaming;
  if (!stream) {
    const answer = await client.chat.completions.create(body);
    const { message, finish_reason } = answer.choices[0]!;
    return answered(message.content!, finish_reason, answer.usage!, answer as never);
  }
  const events = await client.chat.completions.create({
    ...body,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  let finish = "";
  let usage: OpenAI.CompletionUsage | undefined;
  let extension: Extension | undefined;
  for await (const event of events) {
    const [choice] = event.choices;
    text += choice?.delta.content ?? "";
    if (choice?.finish_reason) [finish, extension] = [choice.finish_reason, event as never];
    usage ??= event.usage ?? undefined;
  }
  return answered(text, finish, usage!, extension!);
}

/** Asks the model folder itself, in this process. */
export async function askFolder(
  model: LoadedModel,
  turns: readonly Turn[],
  reduction: Reduction,
  { max_tokens, stop }: Sampling = {},
): Promise<Answered> {
  const { method, visual_tokens: tokens } = reduction;
  const reducer = createReducer(method, tokens === undefined ? {} : { tokens });
  const seen: VisualTokens[] = [];
  for (const { path } of turns.flatMap(({ pictures = [] }) => pictures))
    seen.push(await model.see(path, reducer));
  const messages = turns.map(({ role, text, pictures = [] }): ChatMessage => {
    return { role, content: [...pictures.map(() => ({ type: "image" as const })), { type: "text", text }] };
  });
  const result = await model.answer(seen, messages, {
    temperature: 0,
    reusePrefix: false,
    ...(max_tokens != null && { maxNewTokens: max_tokens }),
    ...(typeof stop === "string" && { stop: [stop] }),
  }).result;
  return {
    text: result.text,
    promptTokens: result.promptTokens,
    completionTokens: result.tokenIds.length,
    finishReason: result.finishReason,
    visualTokens: seen.map(({ statistics }) => statistics.visualTokens),
    firstToken: result.timings.encode + result.timings.firstToken,
  };
}

function answered(
  text: string,
  finishReason: string,
  usage: OpenAI.CompletionUsage,
  { prumerge }: Extension,
): Answered {
  return {
    text,
    promptTokens: usage.prompt_tokens,
    completionTokens: usage.completion_tokens,
    finishReason,
    visualTokens: prumerge.pictures.map(({ visual_tokens }) => visual_tokens),
    firstToken: prumerge.timings.first_token_ms,
  };
}

function messageOf({ role, text, pictures = [] }: Turn): OpenAI.ChatCompletionMessageParam {
  if (role === "assistant") return { role, content: text };
  const images = pictures.map(({ url }) => ({ type: "image_url" as const, image_url: { url } }));
  return { role, content: [...images, { type: "text", text }] };
}
