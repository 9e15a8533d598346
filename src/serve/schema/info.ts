import { z } from "@hono/zod-openapi";
import { positionKinds } from "../../see/row-place.js";

export const infoSchema = z
  .object({
    object: z.literal("prumerge.info"),
    version: z.string(),
    model: z.object({
      id: z.string(),
      image_size: z.int().nullable().openapi({
        description: "Side of the square that the vision tower sees, pixels; null where it takes any size.",
      }),
      grid: z.object({ rows: z.int(), columns: z.int() }).nullable().openapi({
        description: "Patches of one view; null where it may have any size.",
      }),
      unreduced_tokens: z.int().nullable().openapi({
        description: "Visual tokens of one view without reduction; null where that depends on the picture.",
      }),
      tiles: z.boolean().openapi({
        description:
          "Whether a picture is several views, the whole and its tiles, as many as its size wants.",
      }),
      videos: z.boolean().openapi({ description: "Whether it is shown videos." }),
      pixels: z.object({ min: z.int(), max: z.int() }).nullable().openapi({
        description:
          "Fewest and most pixels of a picture where a request says nothing of min_pixels and max_pixels; null where pictures have the tower's size.",
      }),
      context: z.int(),
      positions: z.array(z.enum(positionKinds)).openapi({ description: "Where kept rows may stand." }),
      row_bias: z.boolean().openapi({
        description:
          "Whether a row may weigh what it stands for: the option sizeBias of methods that average.",
      }),
      hidden_size: z.int(),
      key_value_bytes_per_token: z.int(),
      notes: z.array(z.string()).openapi({ description: "What its users should know, a line each." }),
    }),
    default: z.object({
      method: z.string(),
      visual_tokens: z.string().openapi({ description: "As requests spell it.", example: "adaptive:144" }),
      options: z.record(z.string(), z.unknown()),
      positions: z.enum(positionKinds).openapi({ description: "Where kept rows stand in prompts." }),
    }),
    methods: z
      .array(
        z.object({
          name: z.string(),
          description: z.string(),
          budgets: z.array(z.enum(["exact", "share", "cap", "rule", "all"])).openapi({
            description:
              "What visual_tokens may be: a number, a share (25%), adaptive:N, adaptive, or all. Left out: visual_tokens.",
          }),
          visual_tokens: z.string().openapi({ description: "Where a request names none.", example: "25%" }),
          reads_question: z.boolean().openapi({
            description:
              "Whether a picture is seen anew for each question, which is the last message's text.",
          }),
          options: z.array(
            z.object({
              name: z.string(),
              type: z.enum(["number", "boolean", "string"]),
              default: z.union([z.number(), z.boolean(), z.string()]),
            }),
          ),
        }),
      )
      .openapi({ description: "Methods that this model can run." }),
    samples: z.array(
      z.object({
        name: z.string(),
        url: z.string().openapi({ description: "Path on this server, without authentication." }),
        questions: z.array(z.string()),
      }),
    ),
    limits: z.object({
      body_bytes: z.int(),
      picture_bytes: z.int(),
      picture_pixels: z.int(),
      pictures: z.int(),
      prompt_tokens: z.int(),
      output_tokens: z.int(),
    }),
    backend: z.enum(["local", "vllm"]),
  })
  .openapi("Info");

export type Info = z.infer<typeof infoSchema>;

export const modelEntrySchema = z
  .object({ id: z.string(), object: z.literal("model"), created: z.int(), owned_by: z.string() })
  .openapi("Model");

export const modelListSchema = z
  .object({
    object: z.literal("list"),
    data: z.array(modelEntrySchema),
  })
  .openapi("ModelList");
