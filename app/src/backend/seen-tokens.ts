import {
  type BrowserModel,
  type PixelValues,
  type Positions,
  type Reducer,
  readsQuestion,
  type VisualTokens,
} from "prumerge/browser";
import type { ShownWay } from "./model-backend.js";

/** The latest few visual tokens are kept for the next question, or, where the method reads it, for the same one. */
export class SeenTokens {
  readonly #model: BrowserModel;
  readonly #pixels = new WeakMap<Blob, { readonly way: string; readonly pixels: PixelValues }>();
  readonly #tokens = new WeakMap<Blob, Map<string, VisualTokens>>();

  constructor(model: BrowserModel) {
    this.#model = model;
  }

  async get(
    picture: Blob,
    way: ShownWay,
    reducer: Reducer,
    positions: Positions,
    asked: string,
    signal: AbortSignal,
  ): Promise<VisualTokens> {
    const question = readsQuestion(reducer) ? { question: asked } : {};
    const key = JSON.stringify([way, reducer.method, reducer.budget, reducer.options, positions, question]);
    const known = this.#tokens.get(picture) ?? new Map<string, VisualTokens>();
    this.#tokens.set(picture, known);
    const kept = known.get(key);
    if (kept !== undefined) return kept;
    const pixels = await this.prepare(picture, way, signal);
    const tokens = await this.#model.see(pixels, reducer, { signal, positions, ...question });
    known.set(key, tokens);
    for (const oldest of [...known.keys()].slice(0, -mostKept)) known.delete(oldest);
    return tokens;
  }

  /** A picture decoded and brought to the tower's size; of the latest way to show it, once. */
  async prepare(picture: Blob, way: ShownWay, signal: AbortSignal): Promise<PixelValues> {
    const key = JSON.stringify(way);
    const kept = this.#pixels.get(picture);
    if (kept?.way === key) return kept.pixels;
    const pixels = await this.#model.prepare(picture, { ...way, signal });
    this.#pixels.set(picture, { way: key, pixels });
    return pixels;
  }
}

const mostKept = 4;
