import { readFile } from "node:fs/promises";
import { z } from "zod";
import { PrumergeError } from "../../errors.js";
import { answerForm } from "../journal/journal.js";
import { readLines } from "../journal/read-lines.js";
import {
  type JournalRecord,
  type Run,
  runFiles,
  runSchema,
  type ScoresFile,
  scoresFileSchema,
} from "./run-folder.js";

/**
 * What a run folder says about its run.
 *
 * @returns undefined where the folder holds no run yet
 * @throws PrumergeError INVALID_FILE for a file that breaks the format, NOT_FOUND for one that cannot be read
 */
export function readRun(folder: string): Promise<Run | undefined> {
  return readJson(runFiles.run(folder), runSchema);
}

/**
 * The scores of a run folder.
 *
 * @returns undefined where no task was finished yet
 * @throws PrumergeError as {@link readRun}
 */
export function readScores(folder: string): Promise<ScoresFile | undefined> {
  return readJson(runFiles.scores(folder), scoresFileSchema);
}

/**
 * The records of a run, one after another: of a question that failed and was then answered, both, the answer later. An
 * unfinished last line of a run under way is left out.
 *
 * @throws PrumergeError as {@link readRun}
 */
export async function* readRecords(folder: string): AsyncGenerator<JournalRecord> {
  for await (const { record } of readLines(runFiles.journal(folder), answerForm))
    if (record !== undefined) yield record;
}

async function readJson<Schema extends z.ZodType>(
  where: string,
  schema: Schema,
): Promise<z.infer<Schema> | undefined> {
  let text: string;
  try {
    text = await readFile(where, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new PrumergeError("NOT_FOUND", "a file of a run cannot be read", { where, cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PrumergeError("INVALID_FILE", "not JSON", { where, cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new PrumergeError("INVALID_FILE", "a file of a run breaks its format", {
    where,
    found: z.prettifyError(parsed.error),
    cause: parsed.error,
  });
}
