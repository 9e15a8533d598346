import { z } from "@hono/zod-openapi";
import { largestArea } from "../../image/native-size.js";
import { aspects } from "../../image/preprocess-spec.js";
import { budgetForms, parseBudget } from "../../reduce/index.js";
import { viewKinds } from "../../see/choose-aspect.js";
import { positionKinds } from "../../see/row-place.js";
import { mostFrames, type SamplingRule, samplingRules } from "../../video/sampling.js";
import { fewFields } from "./bounded.js";
import { loosely } from "./loosely.js";

const budgetText = z.string().refine((text) => parseBudget(text) !== undefined, {
  error: `expected ${budgetForms}`,
  params: { code: "invalid_value" },
});

/** Null where it is left out. */
const optionValue = z.union([z.number(), z.boolean(), z.string().max(64)]).nullable();

const pixelCount = z.int().min(1).max(largestArea);

const fields = {
  method: z.string().min(1).max(64).optional().openapi({
    description: "Name of a method of GET /v1/prumerge/info. Default: the model's own.",
    example: "prumerge+",
  }),
  visual_tokens: z
    .union([z.int().min(1).max(1_000_000), budgetText])
    .optional()
    .openapi({
      description:
        "Exactly so many, a share (`25%`), `adaptive` (the method's own rule), `adaptive:N` (the rule with a cap), or `all`.",
      example: 64,
    }),
  options: fewFields(z.record(z.string().max(64), optionValue))
    .optional()
    .openapi({ description: "Further options of the method, by their names in the library." }),
  image_aspect: z.enum(aspects).optional().openapi({
    description:
      "How a picture becomes squares; `anyres` where the model has tiles. Default: the model's own.",
  }),
  views: z.enum(viewKinds).optional().openapi({
    description:
      "Of a model with tiles: `all` views of a picture, or the whole picture alone (`base`), which encodes faster. Not together with image_aspect. Default: what each picture's `detail` says (`low`: base, `high`: all), else the model's own way.",
  }),
  min_pixels: pixelCount.optional().openapi({
    description:
      "Of a model that takes pictures of any size: smaller ones are enlarged to so many pixels. Default: the model's.",
  }),
  max_pixels: pixelCount.optional().openapi({
    description:
      "Of such a model: larger ones are shrunk to so many pixels, for fewer visual tokens and less work. Default: the model's.",
  }),
  frames: z.int().min(1).max(mostFrames).optional().openapi({
    description: "Of videos: how many frames are taken. Default: the model's.",
  }),
  fps: z.number().positive().max(1000).optional().openapi({
    description: "Of videos: frames for each second, `frames` at most.",
  }),
  sampling: z
    .enum(samplingRules as [SamplingRule, ...SamplingRule[]])
    .optional()
    .openapi({
      description: "Of videos: the rule by which frames are taken. Default: the model's.",
    }),
  positions: z.enum(positionKinds).optional().openapi({
    description:
      "Where kept rows stand in the prompt: one after another (contiguous), or where their patches stood, with the text going on where it would have gone on (original) or right behind the furthest of them (tight), or that text alone where it would have gone on (far). Default: the server's.",
  }),
  remember: z.boolean().optional().openapi({
    description: "false: encode the pictures anew and start from no earlier prompt. Default true.",
  }),
};

/** The extension object of a request: how its pictures are reduced. */
export const reductionSchema = loosely(z.strictObject(fields), Object.keys(fields)).openapi("Reduction");

export type ReductionRequest = z.infer<typeof reductionSchema>;

/** What one picture became. */
export const pictureReportSchema = z
  .object({
    method: z.string(),
    budget: z.string().openapi({ description: "As visual_tokens spells it.", example: "adaptive:144" }),
    options: z.record(z.string(), z.unknown()),
    positions: z
      .enum(positionKinds)
      .exclude(["contiguous"])
      .optional()
      .openapi({ description: "Only where rows do not stand one after another." }),
    question: z
      .string()
      .optional()
      .openapi({ description: "Only where the method read it: what the picture was seen for." }),
    unreduced_tokens: z.int().openapi({ description: "Visual tokens without reduction." }),
    visual_tokens: z.int().openapi({ description: "Visual tokens that the language model gets." }),
    views: z
      .array(z.object({ patches: z.int(), visual_tokens: z.int() }))
      .optional()
      .openapi({
        description:
          "Of each view, where there are several: patches that show the picture, and visual tokens made of them; 0 of a view that was not encoded.",
      }),
    video: z
      .object({
        indices: z.array(z.int()),
        seconds: z.array(z.number()).optional(),
        total: z.int(),
        notes: z.array(z.string()),
      })
      .optional()
      .openapi({
        description:
          "Of a video: which of its frames the views are and when they are shown, how many it has, and what is to be known of them.",
      }),
    remembered: z.boolean().openapi({ description: "Whether its embeddings were there already." }),
    encode_ms: z
      .number()
      .openapi({ description: "Vision tower and reduction, when it was encoded: work, without waiting." }),
    encode_wait_ms: z
      .number()
      .openapi({ description: "Waiting for turns of the model when it was encoded." }),
    key_value_bytes: z.int(),
    unreduced_key_value_bytes: z.int(),
  })
  .openapi("PictureReport");

export type PictureReport = z.infer<typeof pictureReportSchema>;
