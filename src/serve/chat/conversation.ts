import type { ChatMessage, MessagePart } from "../../generate/messages.js";
import { ApiError } from "../http/api-error.js";
import type { ServerLimits } from "../limits.js";
import type { PictureReference } from "../pictures/picture-reader.js";
import type { RequestMessage } from "../schema/chat-request.js";

export interface Conversation {
  readonly messages: readonly ChatMessage[];
  /** In the order of their image parts. */
  readonly pictures: readonly PictureReference[];
}

/**
 * A request's messages as the library takes them.
 *
 * @throws ApiError 400 for too many pictures, too much text, or a last message that is not the user's
 */
export function readConversation(
  messages: readonly RequestMessage[],
  limits: Pick<ServerLimits, "pictures" | "textCharacters">,
): Conversation {
  const pictures: PictureReference[] = [];
  let characters = 0;
  const read = messages.map(({ role, content }, message): ChatMessage => {
    const parts = typeof content === "string" ? [{ type: "text" as const, text: content }] : content;
    return {
      role: role === "developer" ? "system" : role,
      content: parts.map((part, at): MessagePart => {
        if (part.type === "text") {
          characters += part.text.length;
          return part;
        }
        pictures.push({
          url: part.image_url.url,
          param: `messages[${message}].content[${at}].image_url.url`,
        });
        return { type: "image" };
      }),
    };
  });
  if (pictures.length > limits.pictures) {
    throw tooMuch(`at most ${limits.pictures} pictures are taken, found ${pictures.length}`);
  }
  if (characters > limits.textCharacters) {
    throw tooMuch(`at most ${limits.textCharacters} characters of text are taken, found ${characters}`);
  }
  if (read.at(-1)?.role !== "user") {
    throw new ApiError(400, "Invalid 'messages': the last message must be from the user.", {
      code: "invalid_value",
      param: "messages",
    });
  }
  return { messages: read, pictures };
}

function tooMuch(what: string): ApiError {
  return new ApiError(400, `Invalid 'messages': ${what}.`, { code: "limit_exceeded", param: "messages" });
}
