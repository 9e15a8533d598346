import { z } from "zod";
import { aspects } from "../../image/preprocess-spec.js";
import { configurationSchema, otherFormsSchema, recordSchema } from "../run/run-folder.js";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What a run says of itself to workers: everything but the question that decides an answer. */
export const announcementSchema = z.strictObject({
  /** Name of the queue with its jobs. */
  queue: z.string().regex(/^[a-z0-9-]+$/),
  /** For people: which machine and folder. */
  title: z.string(),
  /** As given on the run's command line. */
  modelName: z.string(),
  conditions: z.strictObject({
    model: sha256,
    versions: z.strictObject({ prumerge: z.string(), onnxruntime: z.string() }),
    prompt: z.enum(["vicuna_v1", "model"]),
    device: z.string(),
    imageAspect: z.enum(aspects).nullable(),
    minPixels: z.int().positive().exactOptional(),
    maxPixels: z.int().positive().exactOptional(),
    ...otherFormsSchema,
  }),
});
export type Announcement = z.infer<typeof announcementSchema>;

/** One assignment. */
export const jobSchema = z.strictObject({
  task: z.string(),
  configuration: configurationSchema,
  picture: z
    .strictObject({
      name: z.string(),
      sha256,
      /** A file below the folder given as `--data`, forward slashes; or bytes that came inside of the data, base64. */
      source: z.union([
        z.strictObject({ path: z.string(), isVideo: z.literal(true).exactOptional() }),
        z.strictObject({ bytes: z.base64() }),
      ]),
    })
    .nullable(),
  questions: z
    .array(
      z.strictObject({
        id: z.string(),
        text: z.string(),
        maxNewTokens: z.int().positive(),
        key: sha256,
      }),
    )
    .min(1),
});
export type Job = z.infer<typeof jobSchema>;

/** What a finished job returns: a record for each of its questions. */
export const resultSchema = z.array(recordSchema);

/** What a job under way leaves behind for whoever takes it over. */
export const progressSchema = z.strictObject({
  /** What it has answered. */
  records: z.array(recordSchema),
  /** How many workers have begun with the picture (`picture`) or a question (its key) and not come to its end. */
  begun: z.record(z.string(), z.int().nonnegative()),
});
export type Progress = z.infer<typeof progressSchema>;
