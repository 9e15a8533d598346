import { StopStrings } from "./stop-strings.js";
import type { TextQueue } from "./text-queue.js";
import { TokenStream } from "./token-stream.js";
import type { TextTokenizer } from "./tokenizer.js";
import { TrimmedText } from "./trimmed-text.js";

/** Tokens to text, up to a stop string, into the queue. */
export class AnswerText {
  whole = "";
  readonly #tokens: TokenStream;
  readonly #stop: StopStrings;
  readonly #trimmed = new TrimmedText();
  readonly #queue: TextQueue;
  #stopped = false;

  constructor(tokenizer: TextTokenizer, stop: readonly string[], queue: TextQueue) {
    this.#tokens = new TokenStream(tokenizer);
    this.#stop = new StopStrings(stop);
    this.#queue = queue;
  }

  /** Whether a stop string ended the answer. */
  push(id: number): boolean {
    const { text, stopped } = this.#stop.push(this.#tokens.push(id));
    this.#stopped = stopped;
    this.#hand(text);
    return stopped;
  }

  finish(): void {
    if (this.#stopped) return;
    const { text, stopped } = this.#stop.push(this.#tokens.flush());
    this.#hand(stopped ? text : text + this.#stop.flush());
  }

  #hand(text: string): void {
    const shown = this.#trimmed.push(text);
    this.whole += shown;
    this.#queue.push(shown);
  }
}
