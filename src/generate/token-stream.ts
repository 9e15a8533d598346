import type { TextTokenizer } from "./tokenizer.js";

/** What a decoder prints for bytes that are no character, and for the first bytes of one that is not complete yet. */
const replacement = "\uFFFD";

/**
 * Turns token ids into text as they come. A character whose bytes are spread over several tokens is held back until it
 * is whole; the pieces joined are what the tokenizer makes of all ids at once. Special tokens print nothing. The
 * tokenizer's clean-up of spaces is never applied, since it changes text that was already handed out.
 */
export class TokenStream {
  readonly #tokenizer: TextTokenizer;
  readonly #special: ReadonlySet<number>;
  /** Ids of the window that is decoded again at every step: the last piece handed out, and what came after it. */
  #window: number[] = [];
  /** How many ids, and how many characters, of the window have been handed out. */
  #doneIds = 0;
  #doneText = 0;

  constructor(tokenizer: TextTokenizer) {
    this.#tokenizer = tokenizer;
    const added = [...tokenizer.get_added_tokens_decoder()];
    this.#special = new Set(added.filter(([, token]) => token.special).map(([id]) => id));
  }

  /** The text that is certain after this token; often empty. */
  push(id: number): string {
    if (this.#special.has(id)) return "";
    this.#window.push(id);
    const text = this.#decode(this.#window);
    const held = text.endsWith(replacement) ? replacement.length : 0;
    const piece = text.slice(this.#doneText, text.length - held);
    if (held > 0) {
      this.#doneText += piece.length;
      return piece;
    }
    // The window keeps the ids of this piece: a leading space is only right after another token.
    this.#window = this.#window.slice(this.#doneIds);
    this.#doneIds = this.#window.length;
    this.#doneText = this.#decode(this.#window).length;
    return piece;
  }

  /** What was held back, at the end of the answer. */
  flush(): string {
    const rest = this.#decode(this.#window).slice(this.#doneText);
    this.#window = [];
    this.#doneIds = 0;
    this.#doneText = 0;
    return rest;
  }

  #decode(ids: number[]): string {
    return ids.length === 0 ? "" : this.#tokenizer.decode(ids, { clean_up_tokenization_spaces: false });
  }
}
