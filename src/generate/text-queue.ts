/** Text handed from a producer that never waits to one reader. */
export class TextQueue implements AsyncIterable<string> {
  #texts: string[] = [];
  #ended = false;
  #failure: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;
  readonly #onCancel: () => void;

  /** @param onCancel called when the reader leaves before the end */
  constructor(onCancel: () => void) {
    this.#onCancel = onCancel;
  }

  push(text: string): void {
    if (text === "") return;
    this.#texts.push(text);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  fail(reason: unknown): void {
    this.#failure = { reason };
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    try {
      for (;;) {
        while (this.#texts.length > 0) yield this.#texts.shift()!;
        if (this.#failure !== undefined) throw this.#failure.reason;
        if (this.#ended) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      if (!this.#ended) this.#onCancel();
    }
  }
}
