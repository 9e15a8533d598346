import { z } from "@hono/zod-openapi";
import { loosely } from "./loosely.js";
import { imageUrlSchema, videoUrlSchema } from "./message.js";
import { pictureReportSchema, reductionSchema } from "./reduction.js";

const fields = {
  model: z.string().min(1).max(512).optional(),
  prumerge: reductionSchema.optional(),
  question: z.string().optional().openapi({
    description: "What will be asked, for methods that read it, and for the signal of its relevance.",
  }),
  embeddings: z.boolean().optional().openapi({ description: "false leaves them out. Default true." }),
  inspect: z.boolean().optional().openapi({
    description:
      "Adds where each visual token comes from, the attention of its patch and the fence. Default false.",
  }),
  signals: z.boolean().optional().openapi({
    description: "Adds what a method reads of the picture, to plan any method elsewhere. Default false.",
  }),
  frame_pictures: z.boolean().optional().openapi({
    description: "Of a video with inspect: adds each frame as it was seen. Default false.",
  }),
};

const shown = { image_url: imageUrlSchema.optional(), video_url: videoUrlSchema.optional() };

export const visualTokensRequestSchema = loosely(
  z
    .strictObject({ ...shown, ...fields })
    .refine(({ image_url: image, video_url: video }) => (image === undefined) !== (video === undefined), {
      error: "expected image_url or video_url, one of them",
      path: ["image_url"],
      params: { code: "invalid_value" },
    }),
  [...Object.keys(shown), ...Object.keys(fields)],
).openapi("VisualTokensRequest");

export type VisualTokensRequest = z.infer<typeof visualTokensRequestSchema>;

const rectangle = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });
const grid = z.object({ rows: z.int(), columns: z.int() });
const gridPart = z.object({ top: z.int(), left: z.int(), rows: z.int(), columns: z.int() });

const regionSchema = z
  .object({
    first: z.int().openapi({ description: "Number of its first patch." }),
    rows: z.int(),
    columns: z.int(),
    rectangle: rectangle.openapi({ description: "What of the picture it covers, pixels." }),
    frame: z.int(),
    inside: gridPart
      .optional()
      .openapi({ description: "The patches that show the picture, where not all do." }),
  })
  .openapi("Region");

const planSchema = z
  .object({
    patches: z.int(),
    grid: grid.openapi({ description: "Of the first view." }),
    kept_patches: z.array(z.int()).openapi({ description: "Per row its patch, -1 for none." }),
    offsets: z.array(z.int()).openapi({ description: "Row i has columns and weights from offsets[i] on." }),
    columns: z.array(z.int()),
    weights: z.array(z.number()),
  })
  .openapi("MergePlan");

/** What `prumerge inspect -o FILE.json` writes. */
const inspectionSchema = z
  .object({
    format: z.literal("prumerge-inspection"),
    version: z.literal(1),
    picture: z.object({ name: z.string().optional(), width: z.int(), height: z.int() }),
    view: rectangle.openapi({ description: "Rectangle of the picture that the patch grid covers, pixels." }),
    grid,
    views: z
      .array(
        grid.extend({
          rectangle,
          inside: gridPart.optional(),
          tokens: z.int().openapi({ description: "Visual tokens that stand on its patches." }),
        }),
      )
      .optional()
      .openapi({ description: "Every view, where there are several; view and grid are the first one's." }),
    method: z.string(),
    question: z.string().optional().openapi({ description: "What was asked, where the method read it." }),
    options: z.record(z.string(), z.unknown()),
    statistics: z.object({
      visualTokens: z.int(),
      unreducedTokens: z.int(),
      encodeMilliseconds: z.number().optional(),
      keyValueBytes: z.int().optional(),
      unreducedKeyValueBytes: z.int().optional(),
    }),
    tokens: z.array(
      z.object({
        kind: z.enum(["outlier", "sample", "kept", "global", "class"]),
        patch: z.int().optional(),
        view: z.int().optional().openapi({ description: "Where there are several." }),
        row: z.int().optional(),
        column: z.int().optional(),
        rectangle: rectangle.optional(),
        attention: z.number().optional(),
        sources: z.array(z.int()).openapi({ description: "Patches summed into it, its own included." }),
        weights: z.array(z.number()),
      }),
    ),
    classToken: z.boolean().optional().openapi({
      description: "Whether the tower has a class token, whose attention classAttention then is.",
    }),
    classAttention: z.array(z.number()).optional().openapi({
      description:
        "Per patch: the class token's attention to it, or the mean attention that it receives where the tower has none.",
    }),
    levels: z.array(z.number()).optional().openapi({
      description:
        "Of several views the attention over the fence of the patch's view; fence and attentions are then of these.",
    }),
    outliers: z
      .object({
        firstQuartile: z.number(),
        thirdQuartile: z.number(),
        fence: z.number(),
        outliers: z.int(),
      })
      .optional(),
    histogram: z
      .array(z.object({ from: z.number(), to: z.number(), count: z.int() }))
      .optional()
      .openapi({ description: "How many patches have an attention from and to." }),
    signs: z
      .object({
        classShare: z
          .number()
          .optional()
          .openapi({ description: "Of the class token's attention, to itself." }),
        highNorm: z
          .object({ patches: z.int(), kept: z.int() })
          .openapi({ description: "Patches of over four times the median norm, of all and of those kept." }),
        mergingAdds: z.number().optional().openapi({
          description: "By how much a row differs from its patch, relative to that: the median.",
        }),
      })
      .optional(),
  })
  .openapi("Inspection");

/** What is kept of a video, frame by frame. */
const filmSchema = z
  .object({
    frames: z.array(
      z.object({
        frame: z.int().openapi({ description: "Which of the video's frames, from 0." }),
        seconds: z.number().optional(),
        merged_from_other_frames: z.int().openapi({
          description: "Patches of other frames that were merged into this one's visual tokens.",
        }),
        picture: z.string().optional().openapi({ description: "The frame, a data: URL of a PNG or JPEG." }),
        inspection: inspectionSchema,
      }),
    ),
  })
  .openapi("FilmInspection");

const npy = z.string().openapi({ description: "Base64 of a .npy file, float32." });

/** What a method reads of a picture; the library's `Signals`. */
const signalsSchema = z
  .object({
    class_token: z.boolean(),
    heads: z.int(),
    patches: npy,
    keys: npy,
    queries: npy,
    class_attention: npy.optional().openapi({
      description:
        "The class token's attention to each patch, or, where class_token is false, the mean that each receives.",
    }),
    layers: z
      .record(z.string(), z.object({ keys: npy, queries: npy, head_attention: npy.optional() }))
      .optional()
      .openapi({
        description: "Layers before the last, counted from it: -2. A class token's row comes first.",
      }),
    head_attention: npy.optional().openapi({
      description:
        "Where rows stand for blocks of patches, whose keys and queries are means: the attention that a block receives, the mean over heads.",
    }),
    class_features: npy
      .optional()
      .openapi({ description: "The class token beside the patches, [1, width]." }),
    relevance: npy
      .optional()
      .openapi({ description: "How much each patch has to do with the question, where one was sent." }),
  })
  .openapi("Signals");

export const visualTokensAnswerSchema = z
  .object({
    object: z.literal("prumerge.visual_tokens"),
    model: z.string(),
    picture: pictureReportSchema,
    view: rectangle.openapi({ description: "Rectangle of the picture that the first view covers, pixels." }),
    regions: z.array(regionSchema).openapi({ description: "The plan's patches: one grid for each view." }),
    shape: z.tuple([z.int(), z.int()]).openapi({ description: "Rows and width of the embeddings." }),
    embeddings: npy.optional(),
    plan: planSchema,
    bias: z
      .array(z.number())
      .optional()
      .openapi({ description: "What each row's key adds to attention, where the method has it so." }),
    place: z
      .object({
        at: z.array(z.int()).openapi({ description: "Per row, counted from where the picture begins." }),
        rows: z.array(z.int()).optional().openapi({
          description: "Of models whose positions have three coordinates: the second; `at` is the first.",
        }),
        columns: z.array(z.int()).optional().openapi({ description: "The third." }),
        advance: z.int().openapi({ description: "Where the text goes on, counted likewise." }),
      })
      .optional()
      .openapi({ description: "Where the rows stand, if not one after another." }),
    parted: z
      .object({
        texts: z.array(z.string()).openapi({ description: "Before each region's rows and after the last." }),
        rows: z.array(z.int()).openapi({ description: "Of each region, in the order of the embeddings." }),
      })
      .optional()
      .openapi({
        description: "Texts that the model's prompts have between the rows, if they are not one run.",
      }),
    inspection: inspectionSchema.optional().openapi({ description: "Of a picture." }),
    film: filmSchema.optional().openapi({
      description: "Of a video: one for each view; where the model takes several frames together, the first.",
    }),
    signals: signalsSchema.optional(),
  })
  .openapi("VisualTokens");

export type VisualTokensAnswer = z.infer<typeof visualTokensAnswerSchema>;
