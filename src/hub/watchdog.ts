/** Ends a request when the caller's signal fires or when nothing has come for a while. */
export class Watchdog {
  readonly #controller = new AbortController();
  readonly #forward: () => void;
  #timer: NodeJS.Timeout;
  #expired = false;

  /** @param silence longest time between two signs of life, milliseconds */
  constructor(
    readonly caller: AbortSignal | undefined,
    silence: number,
  ) {
    this.#forward = () => this.#controller.abort(caller?.reason);
    caller?.addEventListener("abort", this.#forward, { once: true });
    if (caller?.aborted) this.#forward();
    this.#timer = setTimeout(() => {
      this.#expired = true;
      this.#controller.abort();
    }, silence);
  }

  /** For `fetch`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** True after the silence lasted too long. */
  get expired(): boolean {
    return this.#expired;
  }

  /** A sign of life: the time starts anew. */
  alive(): void {
    this.#timer.refresh();
  }

  /** Ends the watch, and the connection where the rest of its answer is not wanted. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.caller?.removeEventListener("abort", this.#forward);
    this.#controller.abort();
  }
}
