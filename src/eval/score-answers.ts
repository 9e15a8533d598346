import { PrumergeError } from "../errors.js";
import { withLock } from "../hub/lock.js";
import { checkAnswers } from "./answers/check-answers.js";
import { readAnswers } from "./answers/given-answers.js";
import { type JudgedSets, type JudgeSettings, judgeSets } from "./judge/judge-sets.js";
import { type ScoreInterval, scoreIntervals } from "./statistics/score-intervals.js";
import type { LoadedTask, Task, TaskOptions, Verdict } from "./task.js";
import { taskFolder } from "./task-folder.js";
import { chooseOptions } from "./task-options.js";

export interface ScoreRequest {
  readonly task: Task;
  /** Folder of the benchmark's files, or the one that holds a folder for each benchmark. */
  readonly data: string;
  /** Answers files or result folders. */
  readonly answers: readonly string[];
  /** Named rules; default: the task's defaults. */
  readonly rules?: TaskOptions;
  /** Whether questions without an answer count as wrong; default false: they are an error. */
  readonly allowMissing?: boolean;
  /**
   * Whether questions without an answer are left out, with the units that they are part of (a pair, a circular group); not
   * together with {@link allowMissing}.
   */
  readonly onlyAnswered?: boolean;
  /** Has the answers judged by a language model, beside the rule; judgements are kept in the journal of this path. */
  readonly judge?: JudgeSettings & { readonly journal: string };
}

/** What a benchmark's scorer says about answers. */
export interface ScoreReport {
  readonly task: string;
  readonly title: string;
  /** The headline score in words. */
  readonly measure: string;
  readonly data: string;
  readonly answers: readonly string[];
  /** All rules with their values, chosen or default. */
  readonly rules: TaskOptions;
  readonly questions: number;
  /** Ids of the questions that have no answer and count as wrong; with `onlyAnswered` they do not count. */
  readonly missing: readonly string[];
  /** With `onlyAnswered`: how many questions count. */
  readonly counted?: number;
  readonly headline: ScoreInterval;
  /** All scores, in the task's order. */
  readonly scores: readonly ScoreInterval[];
  /** What the judge says, where there is one. */
  readonly judged?: JudgedSets;
}

/**
 * Scores answers of any program by a benchmark's official rule.
 *
 * @throws PrumergeError NOT_FOUND, INVALID_FILE with file and line (malformed files; answers that do not fit the questions
 * one to one), LIMIT_EXCEEDED, INVALID_OPTION for rules
 */
export async function scoreAnswers(request: ScoreRequest): Promise<ScoreReport> {
  const { task, answers: files, rules: given, allowMissing = false, onlyAnswered = false } = request;
  const rules = chooseOptions(task.options, given);
  const data = await taskFolder(request.data, task);
  const loaded = await task.load(data, rules);
  const checked = { allowMissing: allowMissing || onlyAnswered };
  const { answers, missing } = checkAnswers(loaded, await readAnswers(loaded, files), checked);
  if (request.judge !== undefined) refuseJudge(task, loaded);
  const all = loaded.judge(answers);
  const verdicts = onlyAnswered ? answeredOf(all, answers) : all;
  const [headline, ...rest] = scoreIntervals(loaded, verdicts);
  const byName = new Map([headline, ...rest].map((score) => [score.name, score]));
  const judged = request.judge && (await judgeOne(task, loaded, answers, request.judge));
  return {
    task: task.name,
    title: task.title,
    measure: task.headline,
    data,
    answers: files,
    rules,
    questions: loaded.questions.length,
    missing,
    ...(onlyAnswered && { counted: verdicts.reduce((sum, one) => sum + one.questions.length, 0) }),
    headline,
    scores: loaded.aggregate(verdicts).scores.map((score) => byName.get(score.name)!),
    ...(judged && { judged }),
  };
}

/** @throws PrumergeError INVALID_FILE where no unit is answered whole */
function answeredOf(verdicts: readonly Verdict[], answers: ReadonlyMap<string, string>): readonly Verdict[] {
  const answered = verdicts.filter(({ questions }) => questions.every((id) => answers.has(id)));
  if (answered.length > 0) return answered;
  throw new PrumergeError("INVALID_FILE", "nothing is answered that can be scored by itself", {
    expected: "at least one question, pair or group with all of its answers",
    found: `${answers.size} answers`,
  });
}

/** @throws PrumergeError INVALID_OPTION for a task whose answers a judge is not asked about */
export function refuseJudge({ name, title }: Pick<Task, "name" | "title">, { references }: LoadedTask): void {
  if (references !== undefined) return;
  throw new PrumergeError("INVALID_OPTION", `${title} has no protocol for a judge`, {
    where: "--judge",
    expected: "msvd-qa, msrvtt-qa or activitynet-qa",
    found: name,
  });
}

/** One process writes to a journal at a time. */
function judgeOne(
  { name }: Task,
  { questions, references = new Map() }: LoadedTask,
  answers: ReadonlyMap<string, string>,
  judge: NonNullable<ScoreRequest["judge"]>,
): Promise<JudgedSets> {
  const set = { task: name, configuration: "", questions, references, answers };
  return withLock(`${judge.journal}.lock`, judge.signal, () => judgeSets([set], judge.journal, judge));
}
