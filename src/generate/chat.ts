import { PrumergeError } from "../errors.js";
import type { VisualTokens } from "../see/visual-tokens.js";
import type { Answer } from "./answer.js";
import type { AnswerOptions } from "./answer-options.js";
import type { AnswerResult } from "./answer-result.js";
import type { ChatMessage, MessagePart, Question } from "./messages.js";

/**
 * A conversation about pictures: every question is asked with all that was said before, of which the key/value cache is
 * kept.
 *
 * @example
 * ```ts
 * const chat = model.chat(await model.see("table.jpg"));
 * console.log((await chat.ask("What is on the table?").result).text);
 * console.log((await chat.ask("What color is it?").result).text);
 * ```
 */
export class Chat {
  readonly #answer: (pictures: readonly VisualTokens[], question: Question, options: AnswerOptions) => Answer;
  readonly #options: AnswerOptions;
  #messages: ChatMessage[];
  #pictures: VisualTokens[] = [];
  #waiting: VisualTokens[] = [];

  /** Made by {@link LoadedModel.chat}. */
  constructor(
    answer: (pictures: readonly VisualTokens[], question: Question, options: AnswerOptions) => Answer,
    pictures: readonly VisualTokens[],
    options: AnswerOptions & { readonly system?: string },
  ) {
    const { system, ...rest } = options;
    this.#answer = answer;
    this.#options = rest;
    this.#messages = system === undefined ? [] : [{ role: "system", content: system }];
    this.#waiting = [...pictures];
  }

  /** What was said so far, the answers included. */
  get messages(): readonly ChatMessage[] {
    return this.#messages;
  }

  /** Shows another picture with the next question; while an answer is under way, with the one after it. */
  show(picture: VisualTokens): void {
    this.#waiting.push(picture);
  }

  /**
   * Shows the pictures of the whole conversation anew, as another question wants them: for methods that read it.
   *
   * @param pictures in their order, as many as were shown; any more are shown with the next question
   * @throws PrumergeError INVALID_OPTION for fewer
   */
  showAnew(pictures: readonly VisualTokens[]): void {
    const shown = this.#pictures.length;
    if (pictures.length < shown + this.#waiting.length) {
      throw new PrumergeError("INVALID_OPTION", "a picture of the conversation is missing", {
        where: "pictures",
        expected: `${shown + this.#waiting.length} or more`,
        found: String(pictures.length),
      });
    }
    this.#pictures = pictures.slice(0, shown);
    this.#waiting = pictures.slice(shown);
  }

  /** Asks the next question; wait for the answer's `result` before the one after it. */
  ask(question: string, options: AnswerOptions = {}): Answer {
    const images = this.#waiting.map((): MessagePart => ({ type: "image" }));
    const asked: ChatMessage = { role: "user", content: [...images, { type: "text", text: question }] };
    const messages = [...this.#messages, asked];
    const pictures = [...this.#pictures, ...this.#waiting];
    const answer = this.#answer(pictures, messages, { ...this.#options, ...options });
    const result = answer.result.then((done) => {
      this.#remember(messages, pictures, done);
      return done;
    });
    result.catch(() => undefined); // whoever iterates sees the failure as well
    return { result, [Symbol.asyncIterator]: () => answer[Symbol.asyncIterator]() };
  }

  /** An aborted answer without a word leaves no trace; what was said of it stays otherwise. */
  #remember(messages: ChatMessage[], pictures: VisualTokens[], { text, finishReason }: AnswerResult): void {
    if (finishReason === "aborted" && text === "") return;
    this.#messages = [...messages, { role: "assistant", content: text }];
    const asked = pictures.length - this.#pictures.length;
    this.#waiting = this.#waiting.slice(asked);
    this.#pictures = pictures;
  }
}
