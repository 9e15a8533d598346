import { PrumergeError } from "../errors.js";
import { PythonTemplate } from "./jinja/template.js";
import type { PartedMessage } from "./messages.js";

/** Texts of a tokenizer's named tokens (`bos_token`, ...), which templates print. */
export type NamedTokens = Readonly<Record<string, string>>;

/** A model folder's Jinja chat template. */
export class ChatTemplate {
  readonly #template: PythonTemplate;
  readonly #tokens: NamedTokens;
  readonly #imageToken: string;
  readonly #takesParts: boolean;

  /**
   * @param where the model's folder, for messages
   * @throws PrumergeError INVALID_FILE for a template that is no valid Jinja
   */
  constructor(source: string, tokens: NamedTokens, imageToken: string, where?: string) {
    this.#tokens = tokens;
    this.#imageToken = imageToken;
    try {
      this.#template = new PythonTemplate(source);
    } catch (cause) {
      throw new PrumergeError("INVALID_FILE", "the chat template is no valid Jinja", {
        found: (cause as Error).message,
        ...(where !== undefined && { where }),
        cause,
      });
    }
    this.#takesParts = this.#printsParts();
  }

  /**
   * The prompt for a conversation, ready for the assistant's next words.
   *
   * @throws PrumergeError INVALID_OPTION where the template refuses the conversation
   */
  render(messages: readonly PartedMessage[]): string {
    const contents = this.#takesParts ? messages : messages.map((message) => this.#flatten(message));
    try {
      return this.#render(contents);
    } catch (cause) {
      throw new PrumergeError("INVALID_OPTION", "the model's chat template refuses this conversation", {
        found: (cause as Error).message,
        cause,
      });
    }
  }

  #render(messages: readonly { readonly role: string; readonly content: unknown }[]): string {
    const given = { messages, tools: null, documents: null, add_generation_prompt: true };
    return this.#template.render({ ...this.#tokens, ...given });
  }

  /** Templates of plain language models print a message's content as it is and know no parts. */
  #printsParts(): boolean {
    const probe = "prumergeprobe";
    try {
      const text = this.#render([{ role: "user", content: [{ type: "text", text: probe }] }]);
      return text.split(probe).length === 2 && !text.includes('"text"') && !text.includes("'text'");
    } catch {
      return false;
    }
  }

  #flatten({ role, content }: PartedMessage): { role: string; content: string } {
    const images = content.filter((part) => part.type === "image").map(() => `${this.#imageToken}\n`);
    const texts = content.map((part) => (part.type === "text" ? part.text : ""));
    return { role, content: [...images, ...texts].join("") };
  }
}
