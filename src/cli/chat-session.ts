import type { Answer } from "../generate/answer.js";
import type { AnswerOptions } from "../generate/answer-options.js";
import type { Chat } from "../generate/chat.js";
import type { LoadedModel } from "../model/model.js";
import type { SeeOptions } from "../model/see-options.js";
import { type Reducer, readsQuestion } from "../reduce/index.js";
import type { VisualTokens } from "../see/visual-tokens.js";
import type { Shown } from "./shown.js";

interface Settings {
  readonly reducer: Reducer;
  readonly see: SeeOptions;
  readonly answer: AnswerOptions;
  /** Of the method `random`. */
  readonly seed: number | undefined;
}

/**
 * A chat with the pictures that it is about, so that they can be looked at again: with another method, or, where the method
 * reads the question, for every turn's own.
 */
export class ChatSession {
  readonly #model: LoadedModel;
  readonly #settings: Settings;
  #reducer: Reducer;
  #pictures: readonly Shown[] = [];
  #chat: Chat;
  /** What was seen for the turn before. */
  #seen: readonly VisualTokens[] = [];

  constructor(model: LoadedModel, settings: Settings) {
    this.#model = model;
    this.#settings = settings;
    this.#reducer = settings.reducer;
    this.#chat = model.chat(null, settings.answer);
  }

  /** Of the method `random`; undefined: its own. */
  get seed(): number | undefined {
    return this.#settings.seed;
  }

  /**
   * Shows pictures with the next question; those before them anew, where the model is shown several in another way than one.
   *
   * @returns of these pictures; undefined where the method waits for that question
   */
  async show(pictures: readonly Shown[]): Promise<readonly VisualTokens[] | undefined> {
    const before = this.#pictures;
    const all = [...before, ...pictures];
    if (readsQuestion(this.#reducer)) {
      this.#pictures = all;
      return undefined;
    }
    const anew = before.length > 0 && this.#aspect(all.length) !== this.#aspect(before.length);
    const seen = await this.#see(anew ? all : pictures, this.#reducer, all.length);
    if (anew) this.#chat.showAnew(seen);
    else for (const one of seen) this.#chat.show(one);
    this.#pictures = all;
    return seen.slice(seen.length - pictures.length);
  }

  /** Looks at the pictures with another method, at once or with the next question, and starts the conversation over. */
  async useMethod(reducer: Reducer): Promise<readonly VisualTokens[]> {
    const now = readsQuestion(reducer) ? [] : this.#pictures;
    const seen = await this.#see(now, reducer, now.length);
    this.#reducer = reducer;
    this.#chat = this.#model.chat(seen, this.#settings.answer);
    return seen;
  }

  /** Starts over with the same pictures. */
  clear(): Promise<readonly VisualTokens[]> {
    return this.useMethod(this.#reducer);
  }

  async ask(question: string, signal: AbortSignal): Promise<Answer> {
    if (readsQuestion(this.#reducer)) await this.#lookAnew(question, signal);
    return this.#chat.ask(question, { signal });
  }

  #see(pictures: readonly Shown[], reducer: Reducer, count: number): Promise<readonly VisualTokens[]> {
    return this.#model.see(pictures, reducer, { ...this.#settings.see, pictures: Math.max(1, count) });
  }

  #aspect(count: number) {
    return this.#model.imageAspectFor({ ...this.#settings.see, pictures: count });
  }

  async #lookAnew(question: string, signal: AbortSignal): Promise<void> {
    const options = { ...this.#settings.see, question, signal };
    const seen = await this.#model.see(this.#pictures, this.#reducer, options);
    this.#chat.showAnew(seen);
    for (const earlier of this.#seen) await this.#model.forget(earlier);
    this.#seen = seen;
  }
}
