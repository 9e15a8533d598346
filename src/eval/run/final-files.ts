import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Journal, Remembered } from "../journal/journal.js";
import { bootstrapScores, type ScoreInterval } from "../statistics/bootstrap.js";
import { llavaQuestion } from "./llava-answer.js";
import type { PlannedTask } from "./plan-assignments.js";
import { readScores } from "./read-run.js";
import { type AnswerLine, type Configuration, runFiles, runFormat, type TaskScores } from "./run-folder.js";
import { writeJson, writeWhole } from "./write-whole.js";

/**
 * Writes the answers in LLaVA's format and the scores of tasks whose every question has a record. Scores of other tasks
 * and configurations that the folder holds stay.
 *
 * @returns the scores that were written, task by task
 */
export async function writeFinalFiles(
  folder: string,
  tasks: readonly PlannedTask[],
  configurations: readonly Configuration[],
  journal: Pick<Journal, "records">,
  model: string,
): Promise<readonly TaskScores[]> {
  const results: TaskScores[] = [];
  for (const task of tasks) {
    for (const { name } of configurations) {
      const records = recordsOf(task, name, journal);
      const path = runFiles.answers(folder, task.task.name, name);
      await mkdir(dirname(path), { recursive: true });
      await writeWhole(path, answerLines(task, name, records, model));
      results.push(score(task, name, records));
    }
  }
  const isNew = ({ task, configuration }: TaskScores) =>
    results.some((one) => one.task === task && one.configuration === configuration);
  const earlier = (await readScores(folder))?.results.filter((one) => !isNew(one)) ?? [];
  await writeJson(runFiles.scores(folder), { format: runFormat, results: [...earlier, ...results] });
  return results;
}

function recordsOf(task: PlannedTask, configuration: string, { records }: Pick<Journal, "records">) {
  const keys = task.keys.get(configuration)!;
  return new Map(task.questions.map(({ id }) => [id, records.get(keys.get(id)!)!]));
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
  configuration: string,
  records: ReadonlyMap<string, Remembered>,
): TaskScores {
  const answers = new Map<string, string>();
  const tokens: number[] = [];
  for (const { id, picture } of questions) {
    const record = records.get(id)!;
    if (record.kind !== "answer") continue;
    answers.set(id, record.text);
    if (picture !== undefined) tokens.push(record.visualTokens);
  }
  const verdicts = loaded
    .judge(answers)
    .filter((verdict) => verdict.questions.every((id) => records.has(id)));
  const [headline, ...scores] = bootstrapScores(loaded, verdicts).map(writable);
  return {
    task: task.name,
    configuration,
    questions: questions.length,
    failed: questions.length - answers.size,
    meanVisualTokens: tokens.reduce((sum, count) => sum + count, 0) / Math.max(tokens.length, 1),
    headline: headline!,
    scores,
  };
}

function writable({ name, value, unit, count, interval }: ScoreInterval): TaskScores["headline"] {
  return { name, value: Number.isFinite(value) ? value : null, unit, count, interval: interval ?? null };
}
