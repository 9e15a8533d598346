import { PrumergeError } from "../errors.js";

/** One part of a message; an image part stands for the next picture that is handed in. */
export type MessagePart = { readonly type: "text"; readonly text: string } | { readonly type: "image" };

/** One turn of a conversation. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string | readonly MessagePart[];
}

/** A prompt written out, for which no chat template is used. It holds the model's image token once per picture, or `<video>` for a video. */
export interface RawPrompt {
  readonly prompt: string;
}

/** What an answer is asked for: a question, a conversation that ends with the user, or a prompt written out. */
export type Question = string | readonly ChatMessage[] | RawPrompt;

/** A {@link ChatMessage} whose content is always a list. */
export interface PartedMessage {
  readonly role: ChatMessage["role"];
  readonly content: readonly MessagePart[];
}

/** A conversation in which every picture has its place. */
export interface PlacedConversation {
  readonly messages: readonly PartedMessage[];
  /** Whether the places are the image tokens that the user's texts say; else they are the image parts, and texts are texts. */
  readonly placesInText: boolean;
}

/**
 * Brings a question or conversation to one form and gives every picture its place: where its image parts stand; without
 * any, where the user writes the image token, LLaVA's habit; else before the text of the first user message, as LLaVA
 * does.
 *
 * @throws PrumergeError INVALID_OPTION where no message is from the user, or the last one is not
 */
export function placePictures(
  question: string | readonly ChatMessage[],
  pictures: number,
  imageToken: string,
): PlacedConversation {
  const messages: PartedMessage[] =
    typeof question === "string" ? [{ role: "user", content: [textPart(question)] }] : question.map(toParted);
  if (messages.at(-1)?.role !== "user") {
    throw new PrumergeError("INVALID_OPTION", "a conversation must end with the user's message", {
      where: "messages",
      found: messages.length === 0 ? "no message" : `a last message from ${messages.at(-1)?.role}`,
    });
  }
  if (pictures === 0 || messages.some(({ content }) => content.some(({ type }) => type === "image"))) {
    return { messages, placesInText: false };
  }
  if (
    messages.some(({ role, content }) => role === "user" && content.some((part) => says(part, imageToken)))
  ) {
    return { messages, placesInText: true };
  }
  const first = messages.findIndex((message) => message.role === "user");
  const images = Array.from({ length: pictures }, (): MessagePart => ({ type: "image" }));
  messages[first] = { role: "user", content: [...images, ...messages[first]!.content] };
  return { messages, placesInText: false };
}

function toParted({ role, content }: ChatMessage): PartedMessage {
  return { role, content: typeof content === "string" ? [textPart(content)] : content };
}

function textPart(text: string): MessagePart {
  return { type: "text", text };
}

function says(part: MessagePart, imageToken: string): boolean {
  return part.type === "text" && part.text.includes(imageToken);
}
