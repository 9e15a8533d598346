import { PrumergeError } from "../errors.js";
import { PythonTemplate } from "./jinja/template.js";
import type { PartedMessage } from "./messages.js";

/** Texts of a tokenizer's named tokens (`bos_token`, ...), which templates print. */
export type NamedTokens = Readonly<Record<string, string>>;

type Role = PartedMessage["role"];

/** A model folder's Jinja chat template. */
export class ChatTemplate {
  readonly #template: PythonTemplate;
  readonly #tokens: NamedTokens;
  readonly #imageToken: string;
  /** Whose messages the template wants as text. */
  readonly #asText: ReadonlySet<Role>;

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
    this.#asText = this.#rolesAsText();
  }

  /**
   * The prompt for a conversation, ready for the assistant's next words.
   *
   * @throws PrumergeError INVALID_OPTION where the template refuses the conversation
   */
  render(messages: readonly PartedMessage[]): string {
    const contents = messages.map((message) =>
      this.#asText.has(message.role) ? this.#flatten(message) : message,
    );
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

  /**
   * Templates of plain language models print a message's content as it is and know no parts. Others know them of users
   * alone: transformers' users then give text for the other roles.
   */
  #rolesAsText(): ReadonlySet<Role> {
    if (!this.#prints("user", "parts")) return new Set(["system", "user", "assistant"]);
    const others = ["system", "assistant"] as const;
    return new Set(others.filter((role) => !this.#prints(role, "parts") && this.#prints(role, "text")));
  }

  /** Whether a message of the role, in this form, gets into the prompt: once, and as it is. */
  #prints(role: Role, form: "parts" | "text"): boolean {
    const probe = "prumergeprobe";
    const message = { role, content: form === "text" ? probe : [{ type: "text", text: probe }] };
    const user = { role: "user", content: [{ type: "text", text: "?" }] };
    const before = role === "assistant" ? [user] : [];
    const after = role === "user" ? [] : [user];
    try {
      const text = this.#render([...before, message, ...after]);
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
