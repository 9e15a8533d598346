import type { BrowserModel, PixelValues, Reducer, VisualTokens } from "prumerge/browser";

interface Seen {
  readonly tokens: VisualTokens;
  /** Milliseconds of encoding, 0 where it was done for an earlier question. */
  readonly encode: number;
}

/** Visual tokens do not depend on the question: the latest few are kept for the next one. */
export class SeenTokens {
  readonly #model: BrowserModel;
  readonly #pixels = new WeakMap<Blob, PixelValues>();
  readonly #tokens = new WeakMap<Blob, Map<string, VisualTokens>>();

  constructor(model: BrowserModel) {
    this.#model = model;
  }

  async get(picture: Blob, reducer: Reducer, signal: AbortSignal): Promise<Seen> {
    const key = JSON.stringify([reducer.method, reducer.budget, reducer.options]);
    const known = this.#tokens.get(picture) ?? new Map<string, VisualTokens>();
    this.#tokens.set(picture, known);
    const kept = known.get(key);
    if (kept !== undefined) return { tokens: kept, encode: 0 };
    const start = performance.now();
    const pixels = this.#pixels.get(picture) ?? (await this.#model.prepare(picture, { signal }));
    this.#pixels.set(picture, pixels);
    const tokens = await this.#model.see(pixels, reducer, { signal });
    known.set(key, tokens);
    for (const oldest of [...known.keys()].slice(0, -mostKept)) known.delete(oldest);
    return { tokens, encode: performance.now() - start };
  }
}

const mostKept = 4;
