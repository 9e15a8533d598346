import { join } from "node:path";
import { z } from "zod";
import { aspects } from "../../image/preprocess-spec.js";
import { otherCacheForms } from "../../models/cache-forms.js";
import { positionKinds } from "../../see/row-place.js";

/**
 * The format of a run folder, which `prumerge eval` writes and `prumerge report` reads:
 *
 * - `run.json`: what was asked for, of which model, with which versions on which machine ({@link runSchema})
 * - `journal.jsonl`: a line for every answer, in the order in which they came ({@link journalHeaderSchema} first, then
 *   one {@link recordSchema} a line); the only file that a run needs to continue
 * - `answers/<task>/<configuration>.jsonl`: the answers in LLaVA's format, in the order of the task ({@link answerLineSchema})
 * - `scores.json`: the scores by task and configuration ({@link scoresFileSchema})
 */
export const runFormat = 2;
/** Of `journal.jsonl` and `scores.json`, which have not changed since. */
export const recordFormat = 1;

/** Where the files of a run folder lie. */
export const runFiles = {
  run: (folder: string) => join(folder, "run.json"),
  journal: (folder: string) => join(folder, "journal.jsonl"),
  scores: (folder: string) => join(folder, "scores.json"),
  /** Every judgement of `--judge`, see `judge/judge-journal.ts`; and what the judge says in sum. */
  judgements: (folder: string) => join(folder, "judgements.jsonl"),
  judged: (folder: string) => join(folder, "judged.json"),
  lock: (folder: string) => join(folder, ".lock"),
  answers: (folder: string, task: string, configuration: string) =>
    join(folder, "answers", task, `${configuration}.jsonl`),
} as const;

const count = z.int().nonnegative();
const milliseconds = z.number().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** A budget of visual tokens, see `reduce/budget.ts`. */
const budgetSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("exact"), rows: z.int().positive() }),
  z.strictObject({ kind: z.literal("share"), ratio: z.number().positive().max(1) }),
  z.strictObject({ kind: z.literal("cap"), rows: z.int().positive() }),
  z.strictObject({ kind: z.literal("rule") }),
  z.strictObject({ kind: z.literal("all") }),
]);

/** The same as run.json of format 1 has it. */
const firstBudgetSchema = z
  .union([
    z.literal("all"),
    z.strictObject({ tokens: z.int().positive() }),
    z.strictObject({ maxTokens: z.int().positive().nullable() }),
  ])
  .transform((budget): z.infer<typeof budgetSchema> => {
    if (budget === "all") return { kind: "all" };
    if ("tokens" in budget) return { kind: "exact", rows: budget.tokens };
    return budget.maxTokens === null ? { kind: "rule" } : { kind: "cap", rows: budget.maxTokens };
  });

/** A method with a budget, as all questions of a run are asked under it. */
export const configurationSchema = z.strictObject({
  /** File name and key: `none`, `prumerge-plus-64`, `prumerge-adaptive`, `prumerge-plus-adaptive-144`, `prumerge-64-original`. */
  name: z.string().regex(/^[a-z0-9.-]+$/),
  /** Name in the registry of methods, such as `prumerge+`. */
  method: z.string(),
  budget: z.union([budgetSchema, firstBudgetSchema]),
  /** Options that the method was made with; seeded methods take their seed from this one and the picture's bytes. */
  options: z.record(z.string(), z.unknown()),
  /** Those of the options that were asked for by name (`--option`), where there were any. */
  asked: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).exactOptional(),
  /** The module that exports the method, where it is not one of prumerge's, and the hash of that file. */
  module: z.strictObject({ path: z.string(), sha256 }).exactOptional(),
  /** Where kept rows stand in the prompt; contiguous where it is left out, as before there was a choice. */
  positions: z.enum(positionKinds).exactOptional(),
});
export type Configuration = z.infer<typeof configurationSchema>;

export const runTaskSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  /** Absolute path of the folder with the official files. */
  data: z.string(),
  /** Options of the task (`--rule`), by name. */
  options: z.record(z.string(), z.string()),
  /** `--limit` and `--shard i/n` (i from 1) of the latest command with this task. */
  limit: z.int().positive().nullable(),
  shard: z.strictObject({ index: z.int().positive(), count: z.int().positive() }).nullable(),
  /** Questions of the whole task, and of this run after limit and shard. */
  available: count,
  selected: count,
  /** Pictures or videos of the selection that were not there, and the questions about them, which were left out. */
  missing: z.strictObject({ pictures: count, questions: count }).exactOptional(),
});
export type RunTask = z.infer<typeof runTaskSchema>;

const modelFileSchema = z.strictObject({
  /** Relative to the model folder, forward slashes. */
  path: z.string(),
  bytes: count,
  /** Milliseconds since 1970; with `bytes` it tells whether the file must be read again to know its hash. */
  modified: z.number(),
  sha256,
});
export type ModelFile = z.infer<typeof modelFileSchema>;

/** How the language model is run, where that is not the usual. */
export const otherFormsSchema = {
  /** How keys and values are held; absent: `fp32`. */
  cache: z.enum(otherCacheForms).exactOptional(),
  /** Of a folder with a graph of its own for prompts; absent: by that one. */
  prefill: z.literal("decoder").exactOptional(),
};

export const runSchema = z.strictObject({
  /** Of the file that was read; format 1 spelled budgets in another way. */
  format: z.union([z.literal(1), z.literal(runFormat)]),
  /** Every different command that wrote to this folder, oldest first: the words after `prumerge`, and when it first began. */
  commands: z.array(z.strictObject({ words: z.array(z.string()), began: z.iso.datetime() })).min(1),
  versions: z.strictObject({ prumerge: z.string(), node: z.string(), onnxruntime: z.string() }),
  machine: z.strictObject({
    processor: z.string(),
    cores: count,
    memoryBytes: count,
    platform: z.string(),
  }),
  model: z.strictObject({
    /** As given on the command line. */
    name: z.string(),
    /** Of all files that decide an answer: sha256 over their paths and hashes. */
    hash: sha256,
    files: z.array(modelFileSchema),
  }),
  /** `vicuna_v1`: LLaVA-1.5's exact conversation; `model`: the model's own chat template. */
  prompt: z.enum(["vicuna_v1", "model"]),
  /** What else decides an answer; null where the task's or the model's own is used. */
  generation: z.strictObject({
    maxNewTokens: z.int().positive().nullable(),
    imageAspect: z.enum(aspects).nullable(),
    /** Of a model that takes pictures of any size; absent: the model's. */
    minPixels: z.int().positive().exactOptional(),
    maxPixels: z.int().positive().exactOptional(),
    device: z.string(),
    ...otherFormsSchema,
  }),
  /**
   * Of all commands together. Not every task has answers of every configuration: `scores.json` says which of them go
   * together.
   */
  tasks: z.array(runTaskSchema),
  configurations: z.array(configurationSchema),
});
export type Run = z.infer<typeof runSchema>;

/** First line of a journal. */
export const journalHeaderSchema = z.strictObject({
  journal: z.literal("prumerge"),
  format: z.literal(recordFormat),
});

const subject = {
  /** Hash of everything that decides the answer; no two answers of a journal share one. */
  key: sha256,
  task: z.string(),
  configuration: z.string(),
  /** Id of the question within its task. */
  id: z.string(),
  /** Null for a question without a picture. */
  picture: z.strictObject({ name: z.string(), sha256 }).nullable(),
  /** Who answered, of several workers; null where the run did it by itself. */
  worker: z.string().nullable(),
};

export const answerRecordSchema = z.strictObject({
  ...subject,
  kind: z.literal("answer"),
  text: z.string(),
  finishReason: z.enum(["stop", "length"]),
  /** Visual tokens that the language model got, and would have got unreduced; 0 without a picture. */
  visualTokens: count,
  unreducedTokens: count,
  /** Tokens of the prompt, visual tokens included; of these, how many came from the prefix shared by the picture's questions. */
  promptTokens: count,
  reusedTokens: count,
  /** Positions that the context had not for the picture, so that its rows were drawn together; only where some are missing. */
  missingPositions: count.exactOptional(),
  /** Tokens of the answer. */
  newTokens: count,
  keyValueBytes: count,
  /** Patches that visual tokens stand on; null without a picture, where the model's graph does not tell, or of several views. */
  kept: z
    .strictObject({
      count,
      /** Bit p of byte p >> 3, lowest first, says that patch p was kept; base64. See `readKeptPatches`. */
      mask: z.string(),
      rows: count,
      columns: count,
    })
    .nullable(),
  /**
   * Milliseconds of work. `prepare`: reading, decoding and resizing the picture; `encode`: vision tower, reduction and projector.
   * Both were spent once for all questions about the picture and stand in each of their records. `prefill`, `firstToken`
   * and `total` are the question's own: with `reusedTokens` 0 they hold the whole prompt, else only what follows the
   * picture. The whole time to the first token of a first question is prepare + encode + firstToken.
   */
  timings: z.strictObject({
    prepare: milliseconds,
    encode: milliseconds,
    prefill: milliseconds,
    firstToken: milliseconds,
    /** Mean per token after the first; null for fewer than two. */
    perToken: milliseconds.nullable(),
    total: milliseconds,
    /** What waiting came on top of encode and total; earlier versions did not tell. */
    wait: milliseconds.optional(),
  }),
  /** Resident memory of the process that answered, just after. */
  residentBytes: count,
});
export type AnswerRecord = z.infer<typeof answerRecordSchema>;

export const failureRecordSchema = z.strictObject({
  ...subject,
  kind: z.literal("failure"),
  /** PrumergeError's code, or `CRASHED` for a question whose worker died every time. */
  code: z.string(),
  message: z.string(),
});
export type FailureRecord = z.infer<typeof failureRecordSchema>;

/** A line of the journal after the first. */
export const recordSchema = z.discriminatedUnion("kind", [answerRecordSchema, failureRecordSchema]);
export type JournalRecord = z.infer<typeof recordSchema>;

/** A line of an answers file: LLaVA's format. A failed question has the empty text, and its code in `metadata.failure`. */
export const answerLineSchema = z.strictObject({
  /** As LLaVA's scripts name the question: a number for VQAv2, POPE and MMBench, the picture for TextVQA and MME. */
  question_id: z.union([z.string(), z.number()]),
  prompt: z.string(),
  text: z.string(),
  answer_id: z.string(),
  model_id: z.string(),
  metadata: z.record(z.string(), z.unknown()),
});
export type AnswerLine = z.infer<typeof answerLineSchema>;

const scoreSchema = z.strictObject({
  name: z.string(),
  /** Null where the score is not defined, as F1 without any yes. */
  value: z.number().nullable(),
  unit: z.enum(["percent", "points", "ratio"]),
  count,
  /** 95 % interval over pictures; null where there is none. */
  interval: z
    .strictObject({
      low: z.number(),
      high: z.number(),
      /** How it was worked out; earlier versions did not say it, and took percentiles of a bootstrap. */
      method: z.enum(["wilson", "bonett-price"]).optional(),
      /** How many independent pictures the answers are worth. */
      effective: z.number().nonnegative().optional(),
    })
    .nullable(),
});

export const taskScoresSchema = z.strictObject({
  task: z.string(),
  configuration: z.string(),
  /** Questions scored, and how many of them failed, which counts as wrong, whatever a rule makes of an empty answer. */
  questions: count,
  failed: count,
  /** Over the questions that have a picture and an answer; 0 without any. */
  meanVisualTokens: z.number().nonnegative(),
  headline: scoreSchema,
  /** The other scores, in the task's order. */
  scores: z.array(scoreSchema),
});
export type TaskScores = z.infer<typeof taskScoresSchema>;

export const scoresFileSchema = z.strictObject({
  format: z.literal(recordFormat),
  results: z.array(taskScoresSchema),
});
export type ScoresFile = z.infer<typeof scoresFileSchema>;
