import type { PictureReport, Reduction } from "./reduction.js";

/** A request of `POST /v1/chat/completions` beside OpenAI's own fields. */
export interface ChatExtension {
  readonly prumerge?: Reduction;
}

/** What an answer has beside OpenAI's own fields. */
export interface ChatAnswerExtension {
  readonly prumerge: AnswerReport;
}

/** What a chunk of a streamed answer has beside OpenAI's own fields: the report stands in the one with the finish reason. */
export interface ChatChunkExtension {
  readonly prumerge?: AnswerReport;
}

/** A part of a user's message that OpenAI's API does not have: a video, of models that watch videos. */
export interface VideoPart {
  readonly type: "video_url";
  /** A data: URL of a video, animated GIF or WebP, or an https: address. */
  readonly video_url: { readonly url: string };
}

/** What the server tells of an answer. */
export interface AnswerReport {
  /** One for each picture and video, in their order. */
  readonly pictures: readonly PictureReport[];
  readonly timings: Timings;
  /** Positions that the context had too few for the pictures, whose rows were drawn together; absent where none are missing. */
  readonly missing_positions?: number;
  /** Of the weights that the prompt was multiplied by, where these are others than those of tokens. */
  readonly prefill_dtype?: "fp32" | "fp16" | "q8" | "int8" | "q4";
  /** Bytes of the prompt's keys and values; null with another server behind. */
  readonly key_value_bytes: number | null;
  /** Repeats a sampled answer; null for greedy ones. */
  readonly seed: number | null;
}

/** Milliseconds. What is called work is without waiting. */
export interface Timings {
  /** Waiting for a slot; in the waits below. */
  readonly queue_ms: number;
  /** Fetching, decoding and encoding of all pictures: work. */
  readonly pictures_ms: number;
  /** The language model's run over what was new; null with another server behind. */
  readonly prefill_ms: number | null;
  /** Work from the whole request to the first token; with another server behind, that one's waiting is in it. */
  readonly first_token_ms: number;
  /** Null where there was one token alone. */
  readonly per_token_ms: number | null;
  /** Work from the request to the end. */
  readonly total_ms: number;
  /** What waiting came on top of `first_token_ms`. */
  readonly first_token_wait_ms: number;
  /** What waiting came on top of `total_ms`. */
  readonly wait_ms: number;
}
