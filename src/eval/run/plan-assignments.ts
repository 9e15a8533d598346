import { createHash } from "node:crypto";
import { access } from "node:fs/promises";
import { PrumergeError } from "../../errors.js";
import type { LoadedTask, Task, TaskPicture, TaskQuestion } from "../task.js";
import { type Assignment, answerKey, type Conditions, type HashedPicture } from "./assignment.js";
import { hashFile } from "./model-files.js";
import type { Configuration } from "./run-folder.js";
import { groupByPicture, type QuestionSelection, selectQuestions } from "./select-questions.js";

/** A task as a run takes it. */
export interface RunnableTask {
  readonly task: Pick<Task, "name" | "title">;
  readonly loaded: LoadedTask;
  /** Absolute path of its folder. */
  readonly data: string;
  readonly options: Readonly<Record<string, string>>;
}

/** A task with the questions that a run asks of it, and the key of each answer. */
export interface PlannedTask extends RunnableTask {
  readonly questions: readonly TaskQuestion[];
  /** By configuration's name, then by question's id. */
  readonly keys: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** All of its work, picture by picture, each picture under every configuration in turn. */
  readonly assignments: readonly Assignment[];
  /** What was left out, since its picture is not there. */
  readonly missing: MissingPictures | undefined;
}

/** Pictures or videos that are not there. */
export interface MissingPictures {
  readonly pictures: number;
  /** Of how many. */
  readonly of: number;
  readonly questions: number;
  /** One of them, and a question about it. */
  readonly example: { readonly path: string; readonly question: string };
}

export interface PlanOptions {
  readonly configurations: readonly Configuration[];
  readonly conditions: Conditions;
  /** Longest answers, tokens; null: the task's own limit. */
  readonly maxNewTokens: number | null;
  readonly selection: QuestionSelection;
  /** Leaves out questions whose picture is not there; default: they are refused. */
  readonly skipMissing?: boolean;
  /** Called as pictures are read. */
  readonly onPicture?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Pictures read at a time, and looked up. */
const width = 8;
const lookedUp = 64;

/**
 * Reads the pictures of the selected questions once, for their hashes, and lays out a task's work.
 *
 * @throws PrumergeError NOT_FOUND where a picture is missing, with the question; ABORTED
 */
export async function planTask(runnable: RunnableTask, options: PlanOptions): Promise<PlannedTask> {
  const selected = groupByPicture(selectQuestions(runnable.loaded, options.selection));
  const { groups, missing } = await findMissing(runnable.task.name, selected);
  if (missing !== undefined && (!options.skipMissing || groups.length === 0))
    throw missingError(runnable.task.name, missing);
  const there = new Set(groups.flat());
  const questions = runnable.loaded.questions.filter((question) => there.has(question));
  const pictures = await hashPictures(runnable.task.name, groups, options);
  const keys = new Map(options.configurations.map(({ name }) => [name, new Map<string, string>()]));
  const assignments = groups.flatMap((group, index) =>
    options.configurations.map((configuration): Assignment => {
      const picture = pictures[index]!;
      const asked = group.map(({ id, text, maxNewTokens }) => {
        const question = { id, text, maxNewTokens: options.maxNewTokens ?? maxNewTokens };
        const hash = picture?.sha256 ?? null;
        const key = answerKey(options.conditions, runnable.task.name, configuration, hash, question);
        keys.get(configuration.name)!.set(id, key);
        return { ...question, key };
      });
      return { task: runnable.task.name, configuration, picture, questions: asked };
    }),
  );
  return { ...runnable, questions, keys, assignments, missing };
}

type Groups = readonly (readonly TaskQuestion[])[];

/** Looks before anything is read: thousands of videos take a while. */
async function findMissing(
  task: string,
  all: Groups,
): Promise<{ readonly groups: Groups; readonly missing: MissingPictures | undefined }> {
  const groups: (readonly TaskQuestion[])[] = [];
  const missing: (readonly TaskQuestion[])[] = [];
  for (let from = 0; from < all.length; from += lookedUp) {
    const some = all.slice(from, from + lookedUp);
    const there = await Promise.all(some.map(([question]) => isThere(task, question!)));
    for (const [at, group] of some.entries()) (there[at] ? groups : missing).push(group);
  }
  const [first] = missing[0] ?? [];
  if (first === undefined) return { groups, missing: undefined };
  const pictures = all.filter(([question]) => question!.picture !== undefined).length;
  const path = (first.picture as { path: string }).path;
  return {
    groups,
    missing: {
      pictures: missing.length,
      of: pictures,
      questions: missing.flat().length,
      example: { path, question: first.id },
    },
  };
}

async function isThere(task: string, { id, picture }: TaskQuestion): Promise<boolean> {
  if (picture === undefined || "bytes" in picture) return true;
  const { path } = picture;
  try {
    await access(path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw unreadable(task, id, path, cause);
  }
}

function missingError(task: string, { pictures, of, questions, example }: MissingPictures): PrumergeError {
  return new PrumergeError("NOT_FOUND", "a picture of the benchmark cannot be read", {
    where: example.path,
    found: pictures === 1 ? "nothing there" : `nothing there; ${pictures} of ${of} are missing`,
    help:
      `Question ${example.question} of ${task} is about it. Without all pictures, take a part with --limit or --shard, or ` +
      `leave out what is about missing ones (${questions} questions) with --skip-missing`,
  });
}

async function hashPictures(
  task: string,
  groups: readonly (readonly TaskQuestion[])[],
  { onPicture, signal }: PlanOptions,
): Promise<(HashedPicture | null)[]> {
  const hashes: (HashedPicture | null)[] = groups.map(() => null);
  const waiting = groups.entries();
  let done = 0;
  const work = async () => {
    for (const [index, [question]] of waiting) {
      signal?.throwIfAborted();
      if (question!.picture !== undefined)
        hashes[index] = await hashPicture(task, question!.id, question!.picture);
      onPicture?.(++done, groups.length);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return hashes;
}

async function hashPicture(task: string, id: string, source: TaskPicture): Promise<HashedPicture> {
  try {
    return { source, sha256: await sha256OfPicture(source) };
  } catch (cause) {
    throw unreadable(task, id, "path" in source ? source.path : source.name, cause);
  }
}

function unreadable(task: string, id: string, where: string, cause: unknown): PrumergeError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new PrumergeError("NOT_FOUND", "a picture of the benchmark cannot be read", {
    where,
    found: code === "ENOENT" ? "nothing there" : message,
    help: `Question ${id} of ${task} is about it. Without all pictures, take a part with --limit or --shard`,
    cause,
  });
}

/** Of a picture's bytes, hexadecimal. @throws the file system's error where it cannot be read */
export async function sha256OfPicture(source: TaskPicture): Promise<string> {
  return "path" in source ? hashFile(source.path) : createHash("sha256").update(source.bytes).digest("hex");
}
