import { type Dispatcher, Pool } from "undici";
import { PrumergeError } from "../../errors.js";
import { TextQueue } from "../../generate/text-queue.js";
import { TrimmedText } from "../../generate/trimmed-text.js";
import { orAborted } from "../../or-aborted.js";
import { type RowChoices, rowsAlone } from "../../see/row-choices.js";
import { ApiError } from "../http/api-error.js";
import type { ServerLimits } from "../limits.js";
import type { Backend, BackendAnswer, BackendRequest, BackendResult } from "./backend.js";
import { eventData } from "./event-stream.js";
import { PrefillLane } from "./prefill-lane.js";
import { backendFailed, parseChunk, upstreamError, type VllmChunk } from "./vllm-answer.js";
import { vllmRequest } from "./vllm-request.js";

export interface VllmOptions {
  /** Its API: `http://gpu:8000/v1`. */
  readonly url: string;
  /** Name under which it serves the model. */
  readonly model: string;
  readonly key?: string;
  /**
   * Visual tokens of every picture that is sent; others are refused. Needed where several encoders share one vLLM, since
   * each of them can only keep its own requests apart. Default: any, those of different counts one after another.
   */
  readonly onlyTokens?: number;
  readonly limits: Pick<ServerLimits, "outputTokens" | "requestMilliseconds">;
}

/** Tokens of an answer where the request says none. */
const defaultTokens = 512;

/** A vLLM server, started with `--enable-mm-embeds`, that answers from visual tokens made here. */
export class VllmBackend implements Backend {
  readonly kind = "vllm";
  readonly #options: VllmOptions;
  readonly #pool: Pool;
  readonly #path: string;
  readonly #lane = new PrefillLane();

  /** @throws PrumergeError INVALID_OPTION for what is no address */
  constructor(options: VllmOptions) {
    const url = URL.canParse(options.url) ? new URL(options.url) : undefined;
    if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
      throw new PrumergeError("INVALID_OPTION", "not the address of a backend", {
        where: "--backend",
        expected: "http://host:8000/v1",
        found: options.url,
      });
    }
    this.#options = options;
    this.#path = url.pathname.replace(/\/+$/, "");
    this.#pool = new Pool(url.origin, { connections: 256, headersTimeout: 0, bodyTimeout: 0 });
  }

  answer(request: BackendRequest, signal: AbortSignal): BackendAnswer {
    const queue = new TextQueue(() => undefined); // the request's own signal ends the work
    const result = this.#run(request, signal, queue);
    result.then(
      () => queue.end(),
      (reason) => queue.fail(reason),
    );
    return { texts: queue, result };
  }

  async rowChoices(): Promise<RowChoices> {
    return rowsAlone;
  }

  async ready(): Promise<boolean> {
    try {
      const { statusCode, body } = await this.#pool.request({
        path: `${this.#path}/models`,
        method: "GET",
        headers: this.#headers(),
        signal: AbortSignal.timeout(2000),
      });
      await body.dump();
      return statusCode === 200;
    } catch {
      return false;
    }
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #run(request: BackendRequest, signal: AbortSignal, queue: TextQueue): Promise<BackendResult> {
    const start = performance.now();
    const rows = this.#rowsOf(request);
    const { model, limits } = this.#options;
    const maxTokens = Math.min(defaultTokens, limits.outputTokens);
    if ((request.maxTokens ?? maxTokens) > limits.outputTokens) throw tooLong(limits.outputTokens);
    const body = JSON.stringify(vllmRequest(request, model, maxTokens));
    // Pictures alone are dangerous to each other.
    const leave = rows === 0 ? () => undefined : await this.#lane.enter(rows, signal);
    const stream = new Upstream(leave, signal, limits.requestMilliseconds);
    try {
      const chunks = this.#chunks(body, stream);
      return await orAborted(read(chunks, queue, stream, start, request.seed), signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw error instanceof ApiError ? error : backendFailed(error);
    }
  }

  async *#chunks(body: string, stream: Upstream): AsyncGenerator<VllmChunk> {
    try {
      const answer = await this.#pool.request({
        path: `${this.#path}/chat/completions`,
        method: "POST",
        headers: { ...this.#headers(), "content-type": "application/json" },
        body,
        signal: stream.signal,
      });
      if (answer.statusCode !== 200) throw await refusal(answer);
      for await (const data of eventData(answer.body)) {
        stream.answered();
        yield parseChunk(data);
      }
    } finally {
      stream.answered();
    }
  }

  #headers(): Record<string, string> {
    const { key } = this.#options;
    return key === undefined ? {} : { authorization: `Bearer ${key}` };
  }

  /** Rows of each of a request's pictures, 0 without pictures. */
  #rowsOf({ pictures }: BackendRequest): number {
    const counts = new Set(pictures.map(({ embeddings }) => embeddings.rows));
    const [rows = 0] = counts;
    const { onlyTokens } = this.#options;
    const refuse = (message: string) =>
      new ApiError(400, message, { code: "backend_tokens", param: "prumerge.visual_tokens" });
    if (counts.size > 1) {
      throw refuse(
        `This server's backend takes pictures of one count of visual tokens per request, found ${[...counts].join(" and ")}. Ask for an exact count.`,
      );
    }
    if (onlyTokens !== undefined && rows !== 0 && rows !== onlyTokens) {
      throw refuse(`This server's backend takes pictures of ${onlyTokens} visual tokens, found ${rows}.`);
    }
    return rows;
  }
}

/**
 * The connection of one answer. A client that goes away before the first token does not end it: vLLM may be about to run
 * the prompt, and another count of rows must not be let in before it has. It is cut as soon as the first token is there,
 * or when that has not come in the time of a whole request: a vLLM that hangs must not keep other counts out for ever.
 */
class Upstream {
  readonly #controller = new AbortController();
  readonly #leave: () => void;
  readonly #client: AbortSignal;
  readonly #deadline: NodeJS.Timeout;
  #answered = false;

  constructor(leave: () => void, client: AbortSignal, milliseconds: number) {
    this.#leave = leave;
    this.#client = client;
    this.#deadline = setTimeout(() => this.#controller.abort(), milliseconds);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The first token is there, or never will be. */
  answered(): void {
    if (this.#answered) return;
    this.#answered = true;
    clearTimeout(this.#deadline);
    this.#leave();
    if (this.#client.aborted) this.#controller.abort();
    else this.#client.addEventListener("abort", () => this.#controller.abort(), { once: true });
  }
}

async function read(
  chunks: AsyncIterable<VllmChunk>,
  queue: TextQueue,
  stream: Upstream,
  start: number,
  seed: number | undefined,
): Promise<BackendResult> {
  const trimmed = new TrimmedText();
  let text = "";
  let finishReason: VllmChunk["finishReason"];
  let usage: VllmChunk["usage"];
  let first = 0;
  let last = 0;
  for await (const chunk of chunks) {
    const now = performance.now();
    first ||= now;
    if (chunk.text !== "") last = now;
    const shown = trimmed.push(chunk.text);
    text += shown;
    queue.push(shown);
    finishReason ??= chunk.finishReason;
    usage ??= chunk.usage;
  }
  if (finishReason === undefined || usage === undefined) {
    throw backendFailed(stream.signal.aborted ? "aborted" : "an answer without an end");
  }
  const after = usage.completionTokens - 1;
  return {
    text,
    finishReason,
    ...usage,
    prefill: undefined,
    firstToken: first - start,
    perToken: after > 0 && last > first ? (last - first) / after : undefined,
    keyValueBytes: undefined,
    seed,
  };
}

async function refusal({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<ApiError> {
  const text = await body.text();
  const retryAfter = headers["retry-after"];
  return upstreamError(statusCode, text, typeof retryAfter === "string" ? retryAfter : undefined);
}

function tooLong(most: number): ApiError {
  return new ApiError(400, `At most ${most} tokens may be asked for.`, {
    code: "limit_exceeded",
    param: "max_tokens",
  });
}
