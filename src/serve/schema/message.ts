import { z } from "@hono/zod-openapi";
import { loosely, unsupported, withoutEmpty } from "./loosely.js";

const ignored = "Taken, without effect.";

const cacheBreakpoint = loosely(z.strictObject({ mode: z.literal("explicit").optional() }), ["mode"])
  .optional()
  .openapi({ description: ignored });

const textPart = z
  .strictObject({ type: z.literal("text"), text: z.string(), prompt_cache_breakpoint: cacheBreakpoint })
  .openapi("TextPart");

const refusalPart = z
  .strictObject({ type: z.literal("refusal"), refusal: z.string() })
  .openapi("RefusalPart");

export const imageUrlSchema = loosely(
  z.strictObject({
    url: z.string().min(1).openapi({
      description: "A data: URL of a JPEG, PNG, WebP or GIF, or an https: address.",
      example: "data:image/png;base64,iVBORw0KGgo...",
    }),
    detail: z.enum(["auto", "low", "high"]).optional().openapi({
      description:
        "Of a model with tiles: `low` shows it the whole picture alone, `high` the tiles too; without effect on other models.",
    }),
  }),
  ["detail"],
);

const imagePart = z
  .strictObject({
    type: z.literal("image_url"),
    image_url: imageUrlSchema,
    prompt_cache_breakpoint: cacheBreakpoint,
  })
  .openapi("ImagePart");

export const videoUrlSchema = z.strictObject({
  url: z.string().min(1).openapi({
    description:
      "A data: URL of a video, animated GIF or WebP, or an https: address. Of models that watch videos.",
    example: "data:video/mp4;base64,AAAAIGZ0eXBpc29t...",
  }),
});

const videoPart = z
  .strictObject({
    type: z.literal("video_url"),
    video_url: videoUrlSchema,
    prompt_cache_breakpoint: cacheBreakpoint,
  })
  .openapi("VideoPart");

const partFields = ["prompt_cache_breakpoint"];

const name = z.string().max(256).optional().openapi({ description: ignored });

/** Texts alone: all that system and developer may say. */
const texts = z.union([z.string(), z.array(loosely(textPart, partFields)).min(1)]);

const userContent = z.union([
  z.string(),
  z.array(loosely(z.discriminatedUnion("type", [textPart, imagePart, videoPart]), partFields)).min(1),
]);

const assistantContent = z.union([
  z.string(),
  z.array(loosely(z.discriminatedUnion("type", [textPart, refusalPart]), partFields)),
]);

/** What an answer has beside its text, as this server and OpenAI write it. */
const answerFields = {
  refusal: z.string().optional().openapi({ description: "Words of the answer like those of content." }),
  annotations: z.array(z.unknown()).optional().openapi({ description: ignored }),
  parsed: z
    .unknown()
    .optional()
    .openapi({ description: "The client's own copy of content, without effect." }),
  audio: unsupported,
  function_call: unsupported,
  tool_calls: unsupported,
};

/** Fields of any message that say nothing where they are empty. */
const optionalFields = ["name", ...Object.keys(answerFields)];

const message = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal("system"), content: texts, name }),
  z.strictObject({ role: z.literal("developer"), content: texts, name }),
  z.strictObject({ role: z.literal("user"), content: userContent, name }),
  z.strictObject({
    role: z.literal("assistant"),
    content: assistantContent.optional(),
    name,
    ...answerFields,
  }),
]);

/** One message; an assistant's may come without content, as one with a refusal does. */
export const messageSchema = z
  .preprocess((value) => {
    const { role } = (value ?? {}) as { readonly role?: unknown };
    return withoutEmpty(value, role === "assistant" ? ["content", ...optionalFields] : optionalFields);
  }, message)
  .openapi("Message");
