import type { ChatMessage, MessagePart } from "../../generate/messages.js";
import { ApiError } from "../http/api-error.js";
import type { ServerLimits } from "../limits.js";
import type { PictureReference } from "../pictures/picture-reader.js";
import type { RequestMessage } from "../schema/chat-request.js";

export interface Conversation {
  readonly messages: readonly ChatMessage[];
  /** Pictures and videos, in the order of their parts. */
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
  const read = messages.map((message, number): ChatMessage => {
    const { role } = message;
    return {
      role: role === "developer" ? "system" : role,
      content: partsOf(message).map((part, at): MessagePart => {
        const param = `messages[${number}].content[${at}].${part.type}.url`;
        if (part.type === "image_url") pictures.push({ ...part.image_url, kind: "picture", param });
        else if (part.type === "video_url") pictures.push({ ...part.video_url, kind: "video", param });
        else {
          const text = part.type === "text" ? part.text : part.refusal;
          characters += text.length;
          return { type: "text", text };
        }
        return { type: "image" };
      }),
    };
  });
  if (pictures.length > limits.pictures) {
    throw tooMuch(`at most ${limits.pictures} pictures and videos are taken, found ${pictures.length}`);
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

type RequestPart = Exclude<NonNullable<RequestMessage["content"]>, string>[number];

/** What a message says, at least an empty text; of an answer its refusal too. */
function partsOf(message: RequestMessage): RequestPart[] {
  const { content = [] } = message;
  const parts: RequestPart[] = typeof content === "string" ? [{ type: "text", text: content }] : [...content];
  if (message.role === "assistant" && message.refusal !== undefined) {
    parts.push({ type: "refusal", refusal: message.refusal });
  }
  return parts.length > 0 ? parts : [{ type: "text", text: "" }];
}

function tooMuch(what: string): ApiError {
  return new ApiError(400, `Invalid 'messages': ${what}.`, { code: "limit_exceeded", param: "messages" });
}
