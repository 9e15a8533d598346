import {
  type BrowserModel,
  type PixelValues,
  type Positions,
  type Reducer,
  readsQuestion,
  type VisualTokens,
} from "prumerge/browser";

interface Seen {
  readonly tokens: VisualTokens;
  /** Milliseconds of encoding, 0 where it was done for an earlier question. */
  readonly encode: number;
}

/** The latest few visual tokens are kept for the next question, or, where the method reads it, for the same one. */
export class SeenTokens {
  readonly #model: BrowserModel;
  readonly #pixels = new WeakMap<Blob, PixelValues>();
  readonly #tokens = new WeakMap<Blob, Map<string, VisualTokens>>();

  constructor(model: BrowserModel) {
    this.#model = model;
  }

  async get(
    picture: Blob,
    reducer: Reducer,
    positions: Positions,
    asked: string,
    signal: AbortSignal,
  ): Promise<Seen> {
    const question = readsQuestion(reducer) ? { question: asked } : {};
    const key = JSON.stringify([reducer.method, reducer.budget, reducer.options, positions, question]);
    const known = this.#tokens.get(picture) ?? new Map<string, VisualTokens>();
    this.#tokens.set(picture, known);
    const kept = known.get(key);
    if (kept !== undefined) return { tokens: kept, encode: 0 };
    const start = performance.now();
    const pixels = this.#pixels.get(picture) ?? (await this.#model.prepare(picture, { signal }));
    this.#pixels.set(picture, pixels);
    const tokens = await this.#model.see(pixels, reducer, { signal, positions, ...question });
    known.set(key, tokens);
    for (const oldest of [...known.keys()].slice(0, -mostKept)) known.delete(oldest);
    return { tokens, encode: performance.now() - start };
  }
}

const mostKept = 4;
