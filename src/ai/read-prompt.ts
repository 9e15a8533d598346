import type { LanguageModelV3FilePart, LanguageModelV3Prompt } from "@ai-sdk/provider";
import { PrumergeError } from "../errors.js";
import type { ChatMessage, MessagePart } from "../generate/messages.js";

export interface ReadPrompt {
  readonly messages: readonly ChatMessage[];
  /** Picture files, in the order of their image parts. */
  readonly pictures: readonly Uint8Array[];
}

/**
 * A prompt of the AI SDK as messages and pictures. The SDK has fetched what stood at an address.
 *
 * @throws PrumergeError INVALID_OPTION for what this model is not told in any way: calls of tools and their results, files that
 * are no pictures
 */
export function readPrompt(prompt: LanguageModelV3Prompt): ReadPrompt {
  const pictures: Uint8Array[] = [];
  const messages = prompt.map((message, number): ChatMessage => {
    const { role } = message;
    if (role === "system") return { role, content: message.content };
    if (role === "tool") throw notTold(`prompt[${number}]`, "a result of a tool");
    const content = message.content.map((part, at): MessagePart => {
      const where = `prompt[${number}].content[${at}]`;
      if (part.type === "text") return { type: "text", text: part.text };
      if (part.type !== "file" || role !== "user")
        throw notTold(where, `a part of type ${part.type} of the ${role}`);
      pictures.push(pictureOf(part, where));
      return { type: "image" };
    });
    return { role, content };
  });
  return { messages, pictures };
}

function pictureOf({ data, mediaType }: LanguageModelV3FilePart, where: string): Uint8Array {
  if (!/^(image(\/|$)|\*)/i.test(mediaType)) throw notTold(where, `a file of type ${mediaType}`);
  if (data instanceof URL) {
    throw new PrumergeError("INVALID_OPTION", "a picture that has not been fetched", {
      where,
      expected: "bytes or base64, which the AI SDK makes of addresses",
      found: `an address of ${data.protocol}`,
    });
  }
  if (typeof data === "string") return Buffer.from(data, "base64");
  // What newer versions of the SDK know beside bytes comes as it is: a file that a provider keeps, by its name there.
  if (!ArrayBuffer.isView(data)) throw notTold(where, `a file as ${JSON.stringify(data).slice(0, 80)}`);
  return data;
}

function notTold(where: string, found: string): PrumergeError {
  return new PrumergeError("INVALID_OPTION", "the model has no words for this part of the prompt", {
    where,
    expected: "texts, and pictures of the user",
    found,
  });
}
