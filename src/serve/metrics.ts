import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { BackendResult } from "./backend/backend.js";
import type { Remembered } from "./pictures/seen-memory.js";

/** Numbers that are asked for when somebody looks. */
export interface Gauges {
  running(): number;
  waiting(): number;
  pictureBytes(): number;
  pictures(): number;
  prefixBytes(): number;
  prefixes(): number;
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** How an answer's pictures were had: all from memory, or not; `none` without pictures. */
export type Warmth = "warm" | "cold" | "none";

/** What the server counts, for Prometheus. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = this.#counter("http_requests_total", "Requests by route and status", [
    "route",
    "status",
  ]);
  readonly #duration = this.#histogram("http_request_seconds", "Whole time of a request", ["route"]);
  readonly #queue = this.#histogram("queue_seconds", "Waiting for a slot");
  readonly #firstToken = this.#histogram("first_token_seconds", "Work from the request to the first token", [
    "picture",
  ]);
  readonly #firstTokenWait = this.#histogram(
    "first_token_wait_seconds",
    "Waiting on top of it: for a slot, for turns behind other requests",
    ["picture"],
  );
  readonly #encode = this.#histogram("encode_seconds", "Vision tower and reduction of one picture");
  readonly #pictures = this.#counter("pictures_total", "Pictures of requests", ["remembered"]);
  readonly #visual = this.#counter("visual_tokens_total", "Visual tokens that the language model got");
  readonly #unreduced = this.#counter("unreduced_visual_tokens_total", "What they would have been unreduced");
  readonly #prompt = this.#counter("prompt_tokens_total", "Tokens of prompts");
  readonly #cached = this.#counter(
    "cached_prompt_tokens_total",
    "Tokens of prompts out of an earlier prompt's cache",
  );
  readonly #completion = this.#counter("completion_tokens_total", "Tokens of answers");

  constructor(gauges: Gauges) {
    collectDefaultMetrics({ register: this.#registry });
    this.#gauge("requests_running", "Requests that hold a slot", gauges.running);
    this.#gauge("requests_waiting", "Requests that wait for one", gauges.waiting);
    this.#gauge("picture_memory_bytes", "Bytes of remembered visual tokens", gauges.pictureBytes);
    this.#gauge("picture_memory_pictures", "Pictures remembered", gauges.pictures);
    this.#gauge("prefix_memory_bytes", "Bytes of keys and values of earlier prompts", gauges.prefixBytes);
    this.#gauge("prefix_memory_prompts", "Earlier prompts kept", gauges.prefixes);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  request(route: string, status: number, milliseconds: number): void {
    this.#requests.inc({ route, status: String(status) });
    this.#duration.observe({ route }, milliseconds / 1000);
  }

  picture({ tokens, remembered }: Remembered): void {
    const { visualTokens, unreducedTokens, encodeMilliseconds } = tokens.statistics;
    this.#pictures.inc({ remembered: String(remembered) });
    this.#visual.inc(visualTokens);
    this.#unreduced.inc(unreducedTokens);
    if (!remembered) this.#encode.observe(encodeMilliseconds / 1000);
  }

  answer(
    result: BackendResult,
    warmth: Warmth,
    queue: number,
    firstToken: number,
    firstTokenWait: number,
  ): void {
    this.#queue.observe(queue / 1000);
    this.#firstToken.observe({ picture: warmth }, firstToken / 1000);
    this.#firstTokenWait.observe({ picture: warmth }, firstTokenWait / 1000);
    this.#prompt.inc(result.promptTokens);
    this.#cached.inc(result.cachedTokens);
    this.#completion.inc(result.completionTokens);
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[] = []): Counter<Label> {
    return new Counter({ name: `prumerge_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #histogram<Label extends string>(name: string, help: string, labelNames: Label[] = []): Histogram<Label> {
    return new Histogram({
      name: `prumerge_${name}`,
      help,
      labelNames,
      buckets: seconds,
      registers: [this.#registry],
    });
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: `prumerge_${name}`,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }
}
