import type { Journal, Remembered } from "../journal/journal.js";
import { type ScoreInterval, scoreIntervals } from "../statistics/score-intervals.js";
import type { LoadedTask, Verdict } from "../task.js";
import { lacksLabels } from "./labels.js";
import { llavaQuestion } from "./llava-answer.js";
import { refuseMissedBudget } from "./met-budget.js";
import type { PlannedTask } from "./plan-assignments.js";
import { readScores } from "./read-run.js";
import {
  type AnswerLine,
  type Configuration,
  recordFormat,
  runFiles,
  type TaskScores,
} from "./run-folder.js";
import { writeJson, writeWhole } from "./write-whole.js";

/** What was written into a run folder at the end. */
export interface FinalFiles {
  /** Task by task; without those that have no labels. */
  readonly scores: readonly TaskScores[];
  /** Tasks that were answered and cannot be scored here, each with the reason. */
  readonly unscored: readonly string[];
  /** Every set of answers that was written. */
  readonly answered: readonly AnsweredSet[];
}

/** The answers to one task under one configuration. */
export interface AnsweredSet {
  readonly task: PlannedTask;
  readonly configuration: string;
  /** Text by question id, without those that failed. */
  readonly answers: ReadonlyMap<string, string>;
}

/**
 * Writes the answers in LLaVA's format and the scores of tasks whose every question has a record. Scores of other tasks
 * and configurations that the folder holds stay.
 */
export async function writeFinalFiles(
  folder: string,
  tasks: readonly PlannedTask[],
  configurations: readonly Configuration[],
  journal: Pick<Journal, "records">,
  model: string,
): Promise<FinalFiles> {
  const results: TaskScores[] = [];
  const unscored = new Set<string>();
  const answered: AnsweredSet[] = [];
  for (const task of tasks) {
    for (const configuration of configurations) {
      const { name } = configuration;
      const records = recordsOf(task, name, journal);
      const path = runFiles.answers(folder, task.task.name, name);
      await writeWhole(path, answerLines(task, name, records, model));
      answered.push({ task, configuration: name, answers: textsOf(records) });
      const scored = score(task, configuration, records);
      if ("reason" in scored) unscored.add(`${task.task.name}: ${scored.reason}`);
      else results.push(scored);
    }
  }
  const isNew = ({ task, configuration }: TaskScores) =>
    results.some((one) => one.task === task && one.configuration === configuration);
  const earlier = (await readScores(folder))?.results.filter((one) => !isNew(one)) ?? [];
  await writeJson(runFiles.scores(folder), { format: recordFormat, results: [...earlier, ...results] });
  return { scores: results, unscored: [...unscored], answered };
}

function recordsOf(task: PlannedTask, configuration: string, { records }: Pick<Journal, "records">) {
  const keys = task.keys.get(configuration)!;
  return new Map(task.questions.map(({ id }) => [id, records.get(keys.get(id)!)!]));
}

function textsOf(records: ReadonlyMap<string, Remembered>): ReadonlyMap<string, string> {
  return new Map(
    [...records].flatMap(([id, record]) => (record.kind === "answer" ? [[id, record.text] as const] : [])),
  );
}

function* answerLines(
  task: PlannedTask,
  configuration: string,
  records: ReadonlyMap<string, Remembered>,
  model: string,
): Generator<string> {
  const keys = task.keys.get(configuration)!;
  for (const question of task.questions) {
    const record = records.get(question.id)!;
    const line: AnswerLine = {
      ...llavaQuestion(task.task.name, question),
      text: record.kind === "answer" ? record.text : "",
      answer_id: keys.get(question.id)!.slice(0, 22),
      model_id: model,
      metadata: record.kind === "answer" ? { visual_tokens: record.visualTokens } : { failure: record.code },
    };
    yield `${JSON.stringify(line)}\n`;
  }
}

function score(
  { task, loaded, questions }: PlannedTask,
  configuration: Configuration,
  records: ReadonlyMap<string, Remembered>,
): TaskScores | { readonly reason: string } {
  const answers = new Map<string, string>();
  const tokens: number[] = [];
  for (const { id, picture } of questions) {
    const record = records.get(id)!;
    if (record.kind !== "answer") continue;
    answers.set(id, record.text);
    if (picture === undefined) continue;
    refuseMissedBudget(configuration, record, picture.name); // by a version that did not look
    tokens.push(record.visualTokens);
  }
  const verdicts = judge(loaded, answers);
  if ("reason" in verdicts) return verdicts;
  const whole = verdicts.filter((verdict) => verdict.questions.every((id) => records.has(id)));
  const [headline, ...scores] = scoreIntervals(loaded, whole).map(writable);
  return {
    task: task.name,
    configuration: configuration.name,
    questions: questions.length,
    failed: questions.length - answers.size,
    meanVisualTokens: tokens.reduce((sum, count) => sum + count, 0) / Math.max(tokens.length, 1),
    headline: headline!,
    scores,
  };
}

function judge(
  loaded: LoadedTask,
  answers: ReadonlyMap<string, string>,
): readonly Verdict[] | { readonly reason: string } {
  try {
    return loaded.judge(answers);
  } catch (error) {
    if (lacksLabels(error)) return { reason: error.message };
    throw error;
  }
}

function writable({ name, value, unit, count, interval }: ScoreInterval): TaskScores["headline"] {
  return { name, value: Number.isFinite(value) ? value : null, unit, count, interval: interval ?? null };
}
