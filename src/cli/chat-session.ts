import type { Answer } from "../generate/answer.js";
import type { AnswerOptions } from "../generate/answer-options.js";
import type { Chat } from "../generate/chat.js";
import type { Picture } from "../image/index.js";
import type { LoadedModel, SeeOptions } from "../model/model.js";
import type { Reducer } from "../reduce/index.js";
import type { VisualTokens } from "../see/visual-tokens.js";

interface Settings {
  readonly reducer: Reducer;
  readonly see: SeeOptions;
  readonly answer: AnswerOptions;
  /** Of the method `random`. */
  readonly seed: number | undefined;
}

/** A chat with the pictures that it is about, so that they can be looked at again with another method. */
export class ChatSession {
  readonly #model: LoadedModel;
  readonly #settings: Settings;
  #reducer: Reducer;
  #pictures: Picture[] = [];
  #chat: Chat;

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

  /** Shows a picture with the next question. */
  async show(picture: Picture): Promise<VisualTokens> {
    const seen = await this.#see(picture, this.#reducer);
    this.#pictures.push(picture);
    this.#chat.show(seen);
    return seen;
  }

  /** Looks at the pictures with another method and starts the conversation over. */
  async useMethod(reducer: Reducer): Promise<readonly VisualTokens[]> {
    const seen: VisualTokens[] = [];
    for (const picture of this.#pictures) seen.push(await this.#see(picture, reducer));
    this.#reducer = reducer;
    this.#chat = this.#model.chat(seen, this.#settings.answer);
    return seen;
  }

  /** Starts over with the same pictures. */
  clear(): Promise<readonly VisualTokens[]> {
    return this.useMethod(this.#reducer);
  }

  ask(question: string, signal: AbortSignal): Answer {
    return this.#chat.ask(question, { signal });
  }

  #see(picture: Picture, reducer: Reducer): Promise<VisualTokens> {
    return this.#model.see(picture, reducer, this.#settings.see);
  }
}
