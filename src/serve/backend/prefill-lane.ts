interface Waiter {
  readonly rows: number;
  readonly enter: () => void;
}

/**
 * Lets prompts into a backend's prefill only together with prompts whose pictures have as many rows: vLLM 0.32 ends its
 * engine where pictures of different row counts meet in one step. Whoever waits is let in in the order of coming, so
 * that a rare count is not passed over for ever.
 */
export class PrefillLane {
  readonly #waiting: Waiter[] = [];
  #rows = 0;
  #inside = 0;

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * @param rows of each picture of the prompt
   * @returns leaves; call it when the first token is there, more than once does nothing
   * @throws the signal's reason where it fires before it is let in
   */
  enter(rows: number, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#waiting.length === 0 && this.#fits(rows)) return Promise.resolve(this.#take(rows));
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        rows,
        enter: () => {
          signal.removeEventListener("abort", giveUp);
          resolve(this.#take(rows));
        },
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal.reason);
        this.#admit(); // it may have held up others
      };
      this.#waiting.push(waiter);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  }

  #fits(rows: number): boolean {
    return this.#inside === 0 || this.#rows === rows;
  }

  #take(rows: number): () => void {
    this.#rows = rows;
    this.#inside++;
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      this.#inside--;
      this.#admit();
    };
  }

  #admit(): void {
    while (this.#waiting.length > 0 && this.#fits(this.#waiting[0]!.rows)) this.#waiting.shift()!.enter();
  }
}
