import type { ChatTemplate } from "./chat-template.js";
import type { ChatMessage, MessagePart, PartedMessage, PlacedConversation } from "./messages.js";
import type { PromptTokenizer } from "./prompt.js";
import { randomName } from "./random-name.js";

/** A prompt written out, and the tokenizer that finds the pictures' places in it, and nothing else. */
export interface WrittenPrompt {
  readonly text: string;
  readonly prompts: PromptTokenizer;
}

/**
 * Renders a conversation so that only what the template wrote for its image parts are places of pictures. An image token
 * that a message says is text: it leaves the text while the template works, and is back when the places have got another
 * name. Other special tokens in messages are read as transformers reads them.
 */
export function writeConversation(
  template: ChatTemplate,
  { messages, placesInText }: PlacedConversation,
  prompts: PromptTokenizer,
): WrittenPrompt {
  const { imageToken } = prompts;
  const isText = (message: PartedMessage) => !(placesInText && message.role === "user");
  const told = messages.filter(isText);
  if (!told.some((message) => saysToken(message, imageToken))) {
    return { text: template.render(messages), prompts };
  }
  const { tokenizer, place } = prompts.literal();
  const said = randomName();
  const border = randomName();
  const hide = (text: string) => {
    const hidden = text.replaceAll(imageToken, said);
    return endsWithinToken(hidden, imageToken) ? `${hidden}${border}` : hidden;
  };
  const hidden = messages.map((message) => (isText(message) ? mapTexts(message, hide) : message));
  const text = template
    .render(hidden)
    .replaceAll(imageToken, place)
    .replaceAll(border, "")
    .replaceAll(said, imageToken);
  return { text, prompts: { ...prompts, tokenizer, place } };
}

/** Whether a message says the image token, in one of its texts or across them, as normalizers might read it. */
export function saysToken({ content }: Pick<ChatMessage, "content">, imageToken: string): boolean {
  const parts = typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
  const text = parts.map((part) => (part.type === "text" ? part.text : "")).join("");
  return plain(text).includes(plain(imageToken));
}

function plain(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

/** Whether the next text might complete an image token that this one begins. */
function endsWithinToken(text: string, imageToken: string): boolean {
  return Array.from({ length: imageToken.length - 1 }, (_, at) => imageToken.slice(0, at + 1)).some((begin) =>
    text.endsWith(begin),
  );
}

function mapTexts({ role, content }: PartedMessage, change: (text: string) => string): PartedMessage {
  return {
    role,
    content: content.map(
      (part): MessagePart => (part.type === "text" ? { type: "text", text: change(part.text) } : part),
    ),
  };
}
