import type { BackendResult } from "../backend/backend.js";
import type { AnswerReport, ChatAnswer, ChatChunk, Usage } from "../schema/chat-answer.js";
import type { PictureReport } from "../schema/reduction.js";

/** What all parts of one answer have in common. */
export interface AnswerHead {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
}

/** Milliseconds of the steps before the language model. */
export interface Preparation {
  readonly queue: number;
  readonly pictures: number;
  /** Of `pictures`: for turns of the model. */
  readonly waiting: number;
  /** From the request to the call of the backend. */
  readonly before: number;
}

export function answerHead(model: string): AnswerHead {
  const id = `chatcmpl-${crypto.randomUUID().replaceAll("-", "")}`;
  return { id, created: Math.floor(Date.now() / 1000), model };
}

export function answerReport(
  result: BackendResult,
  pictures: readonly PictureReport[],
  preparation: Preparation,
  total: number,
): AnswerReport {
  const waited = preparation.queue + preparation.waiting;
  const work = (whole: number) => Math.max(0, whole - waited);
  return {
    pictures: [...pictures],
    timings: {
      queue_ms: round(preparation.queue),
      pictures_ms: round(Math.max(0, preparation.pictures - preparation.waiting)),
      prefill_ms: result.prefill === undefined ? null : round(result.prefill),
      first_token_ms: round(work(preparation.before) + result.firstToken),
      per_token_ms: result.perToken === undefined ? null : round(result.perToken),
      total_ms: round(work(total) - (result.totalWait ?? 0)),
      first_token_wait_ms: round(waited + (result.firstTokenWait ?? 0)),
      wait_ms: round(waited + (result.totalWait ?? 0)),
    },
    ...(result.missingPositions !== undefined && { missing_positions: result.missingPositions }),
    ...(result.prefillDtype !== undefined && { prefill_dtype: result.prefillDtype }),
    key_value_bytes: result.keyValueBytes ?? null,
    seed: result.seed ?? null,
  };
}

function usageOf({ promptTokens, completionTokens, cachedTokens }: BackendResult): Usage {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}

export function wholeAnswer(head: AnswerHead, result: BackendResult, report: AnswerReport): ChatAnswer {
  return {
    id: head.id,
    object: "chat.completion",
    created: head.created,
    model: head.model,
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: result.text, refusal: null },
        logprobs: null,
        finish_reason: result.finishReason,
      },
    ],
    usage: usageOf(result),
    prumerge: report,
  };
}

/** Chunks of a streamed answer, in the order in which they are sent. */
export class AnswerChunks {
  readonly #head: AnswerHead;
  readonly #withUsage: boolean;

  /** @param withUsage `stream_options.include_usage`: every chunk then has the field, and one more comes last */
  constructor(head: AnswerHead, withUsage: boolean) {
    this.#head = head;
    this.#withUsage = withUsage;
  }

  first(): ChatChunk {
    return this.#chunk([choice({ role: "assistant", content: "" }, null)]);
  }

  text(content: string): ChatChunk {
    return this.#chunk([choice({ content }, null)]);
  }

  last({ finishReason }: BackendResult, report: AnswerReport): ChatChunk {
    return { ...this.#chunk([choice({}, finishReason)]), prumerge: report };
  }

  /** Undefined where it was not asked for. */
  usage(result: BackendResult): ChatChunk | undefined {
    return this.#withUsage ? { ...this.#chunk([]), usage: usageOf(result) } : undefined;
  }

  #chunk(choices: ChatChunk["choices"]): ChatChunk {
    const { id, created, model } = this.#head;
    return {
      id,
      object: "chat.completion.chunk",
      created,
      model,
      choices,
      ...(this.#withUsage && { usage: null }),
    };
  }
}

function choice(
  delta: ChatChunk["choices"][number]["delta"],
  finishReason: ChatChunk["choices"][number]["finish_reason"],
): ChatChunk["choices"][number] {
  return { index: 0, delta, logprobs: null, finish_reason: finishReason };
}

/** Microseconds are enough. */
function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
