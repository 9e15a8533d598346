import { z } from "zod";
import { modelSpecSchema } from "../families/run-registry.js";
import { dtypes } from "../models/dtypes.js";
import { preprocessingSchema } from "./preprocessing.js";

/** Raised when a folder written today could not be read by yesterday's program. */
export const manifestFormat = 2;

const dtype = z.enum(dtypes);

/** A path below the folder, with forward slashes, that cannot leave it. */
const relativePath = z
  .string()
  .max(256)
  .regex(/^(?!\.)[\w.-]+(\/(?!\.)[\w.-]+)*$/, "expected a path below the model folder");

/**
 * `prumerge.json`: what the runtime needs to know about a converted model beyond the files that other programs read.
 * Paths are relative to the folder.
 */
export const manifestSchema = z.strictObject({
  format: z.literal(manifestFormat),
  /** Program and version that wrote the folder. */
  writtenBy: z.string(),
  source: z.strictObject({
    /** Where the checkpoint came from, for people: a hub id with its commit, or a folder's name. */
    name: z.string(),
    layout: z.enum(["hugging-face", "original"]),
    visionTower: z.string().exactOptional(),
    lora: z.string().exactOptional(),
    projector: z.string().exactOptional(),
  }),
  dtypes: z.strictObject({
    vision: dtype,
    projector: dtype,
    embedTokens: dtype,
    decoder: dtype,
    prefill: dtype.exactOptional(),
  }),
  graphs: z.strictObject({
    vision: relativePath,
    /** For videos, of models that have a tower for them. */
    watching: relativePath.exactOptional(),
    /** The form of other programs; absent where a picture's visual tokens have no fixed number. */
    visionEncoder: relativePath.exactOptional(),
    /** Absent where rows are mixed behind it. */
    projector: relativePath.exactOptional(),
    embedTokens: relativePath,
    decoder: relativePath,
    mergedDecoder: relativePath,
    /** The decoder with its weights in another form, for prompts; absent where one form is for all. */
    prefill: relativePath.exactOptional(),
  }),
  /** Visual tokens that `visionEncoder` emits for every picture; absent where there is none. */
  bakedTokens: z.int().positive().exactOptional(),
  /** What the model is made of; checked by the family that it names. */
  spec: modelSpecSchema,
  preprocessing: preprocessingSchema,
  /** Text of the placeholder whose id is `spec.imageTokenId`. */
  imageToken: z.string().min(1),
  /** Ids that end an answer; never empty. */
  eosTokenIds: z.array(z.int().nonnegative()).min(1).readonly(),
  /** What the model knows, after the words "it knows", where that is less than users expect of one that they did not choose. */
  world: z
    .string()
    .max(300)
    .regex(/^\P{Cc}+$/u, "expected one line of text")
    .exactOptional(),
  /** Every other file of the folder with its size in bytes: a folder copied in half is noticed. */
  files: z.array(z.strictObject({ path: relativePath, bytes: z.int().nonnegative() })).readonly(),
});

export type Manifest = z.infer<typeof manifestSchema>;
