import { z } from "@hono/zod-openapi";
import { bounded, fewFields } from "./bounded.js";
import { loosely, withoutEmpty } from "./loosely.js";
import { messageSchema } from "./message.js";
import { reductionSchema } from "./reduction.js";
import { unusedFields, withoutUncallable } from "./unused-fields.js";

/** Parts of all messages together: the chat template takes its time for each, also for an empty one. */
const mostParts = 4096;

function countParts(messages: unknown): number | undefined {
  if (!Array.isArray(messages)) return undefined;
  return messages.reduce((sum: number, message: { readonly content?: unknown } | null) => {
    const content = message?.content;
    return sum + (Array.isArray(content) ? content.length : 0);
  }, 0);
}

const tokens = z.int().min(1).max(1_000_000).optional();

/** A signed 64-bit integer; JSON's numbers round those beyond 2^53, also 2^63 - 1 to 2^63. */
const seed = z
  .number()
  .min(-(2 ** 63))
  .max(2 ** 63)
  .superRefine((input, context) => {
    if (!Number.isInteger(input)) context.addIssue({ code: "invalid_type", expected: "int", input });
  })
  .optional()
  .openapi({ type: "integer", format: "int64", description: "From -2^63 to 2^63 - 1." });

/** One string, or up to four; empty ones stop nothing. */
const stop = z
  .preprocess(
    (value) => (Array.isArray(value) ? value.filter((text) => text !== "") : value),
    z.union([z.string(), z.array(z.string()).max(4)]),
  )
  .optional();

const penalty = z.number().min(-2).max(2).optional().openapi({ description: "Default 0." });

/** Most tokens of a request that get a bias: OpenAI's bound. */
const mostBiases = 1024;

const logitBias = fewFields(
  z.record(z.string().regex(/^(0|[1-9]\d{0,8})$/), z.number().min(-100).max(100)),
  mostBiases,
).optional();

const fields = {
  max_tokens: tokens,
  max_completion_tokens: tokens.openapi({ description: "The same as max_tokens." }),
  temperature: z.number().min(0).max(2).optional().openapi({ description: "Default 0, greedy." }),
  top_p: z.number().min(0).max(1).optional().openapi({ description: "0: the likeliest token alone." }),
  frequency_penalty: penalty,
  presence_penalty: penalty,
  logit_bias: logitBias,
  seed,
  stop,
  stream: z.boolean().optional(),
  stream_options: loosely(
    z.strictObject({
      include_usage: z.boolean().optional(),
      include_obfuscation: z.literal(false).optional().openapi({ description: "There is none." }),
    }),
    ["include_usage", "include_obfuscation"],
  ).optional(),
  ...unusedFields,
  prumerge: reductionSchema.optional(),
};

/** A chat completion request. */
export const chatRequestSchema = z
  .preprocess(
    (value) => withoutUncallable(withoutEmpty(value, Object.keys(fields))),
    z.strictObject({
      model: z.string().min(1).max(512).openapi({ example: "pocket-llava" }),
      messages: bounded(
        z.array(messageSchema).min(1).max(2048),
        countParts,
        mostParts,
        "parts altogether",
      ).openapi({
        description: `With at most ${mostParts} parts altogether.`,
      }),
      ...fields,
    }),
  )
  .openapi("ChatCompletionRequest");

export type ChatRequest = z.infer<typeof chatRequestSchema>;
export type RequestMessage = ChatRequest["messages"][number];
