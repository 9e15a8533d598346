import { z } from "@hono/zod-openapi";
import { bounded } from "./bounded.js";
import { reductionSchema } from "./reduction.js";
import { unusedFields } from "./unused-fields.js";

const textPart = z.strictObject({ type: z.literal("text"), text: z.string() }).openapi("TextPart");

export const imageUrlSchema = z.strictObject({
  url: z.string().min(1).openapi({
    description: "A data: URL of a JPEG, PNG, WebP or GIF, or an https: address.",
    example: "data:image/png;base64,iVBORw0KGgo...",
  }),
  detail: z.enum(["auto", "low", "high"]).optional().openapi({ description: "Taken, without effect." }),
});

const imagePart = z
  .strictObject({ type: z.literal("image_url"), image_url: imageUrlSchema })
  .openapi("ImagePart");

const name = z.string().max(256).optional();

/** Texts alone: all that other roles than the user's may say. */
const texts = z.union([z.string(), z.array(textPart).min(1)]);

const messageSchema = z
  .discriminatedUnion("role", [
    z.strictObject({ role: z.literal("system"), content: texts, name }),
    z.strictObject({ role: z.literal("developer"), content: texts, name }),
    z.strictObject({
      role: z.literal("user"),
      content: z.union([z.string(), z.array(z.discriminatedUnion("type", [textPart, imagePart])).min(1)]),
      name,
    }),
    z.strictObject({ role: z.literal("assistant"), content: texts, name }),
  ])
  .openapi("Message");

/** Parts of all messages together: the chat template takes its time for each, also for an empty one. */
const mostParts = 4096;

function countParts(messages: unknown): number | undefined {
  if (!Array.isArray(messages)) return undefined;
  return messages.reduce((sum: number, message: { readonly content?: unknown } | null) => {
    const content = message?.content;
    return sum + (Array.isArray(content) ? content.length : 0);
  }, 0);
}

const tokens = z.int().min(1).max(1_000_000);

/** A chat completion request. */
export const chatRequestSchema = z
  .strictObject({
    model: z.string().min(1).max(512).openapi({ example: "pocket-llava" }),
    messages: bounded(
      z.array(messageSchema).min(1).max(2048),
      countParts,
      mostParts,
      "parts altogether",
    ).openapi({
      description: `With at most ${mostParts} parts altogether.`,
    }),
    max_tokens: tokens.nullish(),
    max_completion_tokens: tokens.nullish().openapi({ description: "The same as max_tokens." }),
    temperature: z.number().min(0).max(2).nullish().openapi({ description: "Default 0, greedy." }),
    top_p: z.number().gt(0).max(1).nullish(),
    seed: z
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .nullish(),
    stop: z.union([z.string().min(1), z.array(z.string().min(1)).max(4)]).nullish(),
    stream: z.boolean().nullish(),
    stream_options: z.strictObject({ include_usage: z.boolean().optional() }).nullish(),
    ...unusedFields,
    prumerge: reductionSchema.optional(),
  })
  .openapi("ChatCompletionRequest");

export type ChatRequest = z.infer<typeof chatRequestSchema>;
export type RequestMessage = ChatRequest["messages"][number];
