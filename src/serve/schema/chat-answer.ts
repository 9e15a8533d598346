import { z } from "@hono/zod-openapi";
import { dtypes } from "../../models/dtypes.js";
import { pictureReportSchema } from "./reduction.js";

const finishReason = z.enum(["stop", "length"]);

const usageSchema = z
  .object({
    prompt_tokens: z.int().openapi({ description: "What the language model saw, visual tokens included." }),
    completion_tokens: z.int(),
    total_tokens: z.int(),
    prompt_tokens_details: z.object({
      cached_tokens: z.int().openapi({ description: "Tokens that an earlier prompt's cache held already." }),
    }),
  })
  .openapi("Usage");

/** What the server adds to an answer; in a stream it stands in the chunk that has the finish reason. */
const answerReportSchema = z
  .object({
    pictures: z.array(pictureReportSchema),
    timings: z
      .object({
        queue_ms: z.number().openapi({ description: "Waiting for a slot; in the waits below." }),
        pictures_ms: z
          .number()
          .openapi({ description: "Fetching, decoding and encoding of all pictures, without waiting." }),
        prefill_ms: z
          .number()
          .nullable()
          .openapi({ description: "The language model's run over what was new." }),
        first_token_ms: z.number().openapi({
          description: "Work from the whole request to the first token; with vLLM, its own waiting is in it.",
        }),
        per_token_ms: z.number().nullable(),
        total_ms: z.number().openapi({ description: "Work from the request to the end." }),
        first_token_wait_ms: z.number().openapi({
          description:
            "What waiting came on top of first_token_ms: for a slot, for turns behind other requests.",
        }),
        wait_ms: z.number().openapi({ description: "What waiting came on top of total_ms." }),
      })
      .openapi("Timings"),
    missing_positions: z.int().optional().openapi({
      description:
        "Positions that the context had too few for the pictures, whose rows were drawn together. Left out where none are missing.",
    }),
    prefill_dtype: z.enum(dtypes).optional().openapi({
      description:
        "Of the weights that the prompt was multiplied by, where these are others than those of tokens.",
    }),
    key_value_bytes: z.int().nullable().openapi({ description: "Keys and values of the prompt." }),
    seed: z.int().nullable().openapi({ description: "Repeats a sampled answer; null for greedy ones." }),
  })
  .openapi("AnswerReport");

export type AnswerReport = z.infer<typeof answerReportSchema>;
export type Usage = z.infer<typeof usageSchema>;

const head = { id: z.string(), created: z.int(), model: z.string() };

export const chatAnswerSchema = z
  .object({
    ...head,
    object: z.literal("chat.completion"),
    choices: z.array(
      z.object({
        index: z.int(),
        message: z.object({ role: z.literal("assistant"), content: z.string(), refusal: z.null() }),
        logprobs: z.null(),
        finish_reason: finishReason,
      }),
    ),
    usage: usageSchema,
    prumerge: answerReportSchema,
  })
  .openapi("ChatCompletion");

export const chatChunkSchema = z
  .object({
    ...head,
    object: z.literal("chat.completion.chunk"),
    choices: z.array(
      z.object({
        index: z.int(),
        delta: z.object({ role: z.literal("assistant").optional(), content: z.string().optional() }),
        logprobs: z.null(),
        finish_reason: finishReason.nullable(),
      }),
    ),
    usage: usageSchema.nullable().optional(),
    prumerge: answerReportSchema.optional(),
  })
  .openapi("ChatCompletionChunk");

export type ChatAnswer = z.infer<typeof chatAnswerSchema>;
export type ChatChunk = z.infer<typeof chatChunkSchema>;
