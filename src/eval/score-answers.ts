import { checkAnswers } from "./answers/check-answers.js";
import { readAnswers } from "./answers/given-answers.js";
import { type ScoreInterval, scoreIntervals } from "./statistics/score-intervals.js";
import type { Task, TaskOptions } from "./task.js";
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
  /** Ids of the questions that have no answer and count as wrong. */
  readonly missing: readonly string[];
  readonly headline: ScoreInterval;
  /** All scores, in the task's order. */
  readonly scores: readonly ScoreInterval[];
}

/**
 * Scores answers of any program by a benchmark's official rule.
 *
 * @throws PrumergeError NOT_FOUND, INVALID_FILE with file and line (malformed files; answers that do not fit the questions
 * one to one), LIMIT_EXCEEDED, INVALID_OPTION for rules
 */
export async function scoreAnswers(request: ScoreRequest): Promise<ScoreReport> {
  const { task, answers: files, rules: given, allowMissing = false } = request;
  const rules = chooseOptions(task.options, given);
  const data = await taskFolder(request.data, task);
  const loaded = await task.load(data, rules);
  const { answers, missing } = checkAnswers(loaded, await readAnswers(loaded, files), { allowMissing });
  const verdicts = loaded.judge(answers);
  const [headline, ...rest] = scoreIntervals(loaded, verdicts);
  const byName = new Map([headline, ...rest].map((score) => [score.name, score]));
  return {
    task: task.name,
    title: task.title,
    measure: task.headline,
    data,
    answers: files,
    rules,
    questions: loaded.questions.length,
    missing,
    headline,
    scores: loaded.aggregate(verdicts).scores.map((score) => byName.get(score.name)!),
  };
}
