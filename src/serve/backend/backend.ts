import type { ChatMessage } from "../../generate/messages.js";
import type { Dtype } from "../../models/dtypes.js";
import type { RowChoices } from "../../see/row-choices.js";
import type { VisualTokens } from "../../see/visual-tokens.js";

/** What a backend is asked, defaults left out. */
export interface BackendRequest {
  /** As many as there are image parts, in their order. */
  readonly pictures: readonly VisualTokens[];
  readonly messages: readonly ChatMessage[];
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly stop: readonly string[];
  /** -2 .. 2. */
  readonly frequencyPenalty?: number;
  /** -2 .. 2. */
  readonly presencePenalty?: number;
  /** -100 .. 100 by the ids of tokens. */
  readonly logitBias?: ReadonlyMap<number, number>;
  /** Whether the tokenizer's special tokens go before the conversation, since the chat template writes none. */
  readonly addSpecialTokens: boolean;
  /** The model's image token, which is text where messages say it. */
  readonly imageToken: string;
  /** Whether an earlier prompt's keys and values may be used. */
  readonly reuse: boolean;
}

export interface BackendResult {
  /** The whole answer. */
  readonly text: string;
  readonly finishReason: "stop" | "length";
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Tokens of the prompt that an earlier prompt's cache held already. */
  readonly cachedTokens: number;
  /** Milliseconds; undefined where the backend does not tell. */
  readonly prefill: number | undefined;
  /** Of the weights that the prompt was multiplied by, where these are others than those of tokens. */
  readonly prefillDtype?: Dtype;
  /** Milliseconds of work from the call to the first token; of all that passed where the backend does not tell them apart. */
  readonly firstToken: number;
  /** What waiting came on top of it, and of the whole answer; undefined where the backend does not tell. */
  readonly firstTokenWait?: number;
  readonly totalWait?: number;
  readonly perToken: number | undefined;
  /** Positions that the context had not for the pictures; undefined where none are missing. */
  readonly missingPositions?: number;
  /** Bytes of the prompt's keys and values; undefined where the backend does not tell. */
  readonly keyValueBytes: number | undefined;
  readonly seed: number | undefined;
}

/** An answer under way. */
export interface BackendAnswer {
  /** Its text as it comes. */
  readonly texts: AsyncIterable<string>;
  /** Rejects with what the texts reject with. */
  readonly result: Promise<BackendResult>;
}

/** A language model that answers from visual tokens. */
export interface Backend {
  readonly kind: "local" | "vllm";
  /** What rows can be given that it is sent. */
  rowChoices(): Promise<RowChoices>;
  /** Starts at once; fails with the signal's reason where it fires. */
  answer(request: BackendRequest, signal: AbortSignal): BackendAnswer;
  /** Whether it can answer now. */
  ready(): Promise<boolean>;
  close(): Promise<void>;
}
