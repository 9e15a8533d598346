import { mkdir } from "node:fs/promises";
import { PrumergeError } from "../../errors.js";
import { withLock } from "../../hub/lock.js";
import { isDiskFull, writeError } from "../../write-error.js";
import { Journal, type Repair } from "../journal/journal.js";
import type { Assignment, Conditions } from "./assignment.js";
import { type FinalFiles, writeFinalFiles } from "./final-files.js";
import { type MissingPictures, type PlannedTask, planTask, type RunnableTask } from "./plan-assignments.js";
import { readRun } from "./read-run.js";
import { type Configuration, type JournalRecord, runFiles } from "./run-folder.js";
import { checkSameRun, type RunCommand, writeRun } from "./run-record.js";
import type { QuestionSelection } from "./select-questions.js";

/** Answers assignments in any order; resolves when all are recorded, or when `stop` has fired and work has ended. */
export type Answerer = (
  assignments: readonly Assignment[],
  record: (record: JournalRecord) => Promise<unknown>,
  stop: AbortSignal,
) => Promise<void>;

export interface EvaluationOptions {
  /** The run folder; made where it is not there. */
  readonly folder: string;
  readonly command: RunCommand;
  readonly tasks: readonly RunnableTask[];
  readonly configurations: readonly Configuration[];
  readonly selection: QuestionSelection;
  /** Ask questions again that failed in an earlier command. */
  readonly retryFailed: boolean;
  /** Leave out questions whose picture or video is not there; default: they are refused. */
  readonly skipMissing?: boolean;
  readonly answer: Answerer;
  /** What is done with all answers once they are there, while the folder is this process's. */
  readonly after?: (files: FinalFiles) => Promise<unknown>;
  /** Ends the run after the answers under way. */
  readonly stop: AbortSignal;
  readonly on?: EvaluationEvents;
}

export interface EvaluationEvents {
  readonly picture?: (task: string, done: number, total: number) => void;
  /** Questions are left out, since their pictures or videos are not there. */
  readonly missing?: (task: string, missing: MissingPictures) => void;
  /** The journal's end was mended. */
  readonly repair?: (repair: Repair) => void;
  /** Before the first answer: how many there are to be, and how many the journal holds. */
  readonly begin?: (total: number, known: number) => void;
  readonly record?: (record: JournalRecord) => void;
}

export interface Evaluation extends FinalFiles {
  /** Whether it was stopped before its end; then nothing but the journal was written. */
  readonly stopped: boolean;
  /** Questions that have no answer but a failure. */
  readonly failed: number;
}

/**
 * Begins a run, or continues one where it was: plans the work, answers what the journal does not hold, and writes the
 * answers and scores once it holds everything.
 *
 * @throws PrumergeError INVALID_OPTION for a folder of another run, or one that another process is writing to; NOT_FOUND
 * for a missing picture; INVALID_FILE for a damaged journal; whatever `answer` throws, with all answers until then kept
 */
export async function evaluate(options: EvaluationOptions): Promise<Evaluation> {
  const { folder, stop } = options;
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    if (isDiskFull(cause)) throw writeError(cause, folder, { summary: "the run's folder cannot be made" });
    throw new PrumergeError("INVALID_OPTION", "the run's folder cannot be made", { where: folder, cause });
  });
  const patience = AbortSignal.timeout(lockPatience);
  try {
    return await withLock(runFiles.lock(folder), patience, () => evaluateLocked(options));
  } catch (error) {
    const waited = PrumergeError.isInstance(error) && error.code === "ABORTED" && patience.aborted;
    if (!waited || stop.aborted) throw error;
    throw new PrumergeError("INVALID_OPTION", "another process is writing to this run", {
      where: folder,
      help: "Wait for it, or give another folder with --out; parts of a task go into folders of their own",
    });
  }
}

/** How long another process may take to give up a folder, milliseconds. */
const lockPatience = 2000;

async function evaluateLocked(options: EvaluationOptions): Promise<Evaluation> {
  const { folder, command, configurations, selection, stop, on = {} } = options;
  checkSameRun(folder, await readRun(folder), command);
  const tasks = await planTasks(options);
  const journal = await Journal.open(runFiles.journal(folder));
  try {
    if (journal.repair !== undefined) on.repair?.(journal.repair);
    await writeRun(folder, command, tasks, [...configurations], selection);
    const all = tasks.flatMap((task) => task.assignments);
    const total = all.reduce((sum, { questions }) => sum + questions.length, 0);
    const waiting = unanswered(all, journal, options.retryFailed);
    const left = waiting.reduce((sum, { questions }) => sum + questions.length, 0);
    on.begin?.(total, total - left);
    await options.answer(
      waiting,
      async (record) => {
        if (await journal.append(record)) on.record?.(record);
      },
      stop,
    );
    const failed = countFailures(all, journal);
    if (stop.aborted && unanswered(all, journal, false).length > 0)
      return { scores: [], unscored: [], answered: [], stopped: true, failed };
    const files = await writeFinalFiles(folder, tasks, configurations, journal, command.model.name);
    await options.after?.(files);
    return { ...files, stopped: false, failed };
  } finally {
    await journal.close();
  }
}

async function planTasks(options: EvaluationOptions): Promise<PlannedTask[]> {
  const { command, configurations, selection, stop: signal, on } = options;
  const { model, versions, prompt, generation } = command;
  const { maxNewTokens, ...decisive } = generation;
  const conditions: Conditions = { model: model.hash, versions, prompt, ...decisive };
  const planned: PlannedTask[] = [];
  for (const task of options.tasks) {
    const onPicture = (done: number, total: number) => on?.picture?.(task.task.name, done, total);
    const { skipMissing = false } = options;
    const plan = { configurations, conditions, maxNewTokens, selection, skipMissing, onPicture, signal };
    const one = await planTask(task, plan);
    if (one.missing !== undefined) on?.missing?.(task.task.name, one.missing);
    planned.push(one);
  }
  return planned;
}

/** The assignments with the questions that the journal has no record of. */
function unanswered(
  assignments: readonly Assignment[],
  { records }: Pick<Journal, "records">,
  retryFailed: boolean,
): Assignment[] {
  return assignments.flatMap((assignment) => {
    const questions = assignment.questions.filter(({ key }) => {
      const record = records.get(key);
      return record === undefined || (retryFailed && record.kind === "failure");
    });
    return questions.length === 0 ? [] : [{ ...assignment, questions }];
  });
}

function countFailures(assignments: readonly Assignment[], { records }: Pick<Journal, "records">): number {
  const keys = assignments.flatMap(({ questions }) => questions.map(({ key }) => key));
  return keys.filter((key) => records.get(key)?.kind === "failure").length;
}
