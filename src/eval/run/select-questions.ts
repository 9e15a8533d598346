import type { LoadedTask, TaskQuestion } from "../task.js";
import { lacksLabels } from "./labels.js";

/** Which part of a task is asked; null for all of it. */
export interface QuestionSelection {
  /** So many questions, about: whole units (MME's pairs, MMBench's groups), evenly over the task. */
  readonly limit: number | null;
  /** Part `index` (from 1) of `count`, all questions about a picture in one part. */
  readonly shard: { readonly index: number; readonly count: number } | null;
}

/** The questions of a selection, in the task's order. At least one unit is selected of a task that has any. */
export function selectQuestions(
  task: LoadedTask,
  { limit, shard }: QuestionSelection,
): readonly TaskQuestion[] {
  const limited = limit === null ? task.questions : takeUnits(task, limit);
  if (shard === null) return limited;
  const pictures = new Map<unknown, number>();
  return limited.filter((question) => {
    const picture = pictureIdentity(question);
    const number = pictures.get(picture) ?? pictures.size;
    pictures.set(picture, number);
    return number % shard.count === shard.index - 1;
  });
}

/** Questions by picture, in the order in which pictures are first asked about; one without a picture is by itself. */
export function groupByPicture(questions: readonly TaskQuestion[]): readonly (readonly TaskQuestion[])[] {
  const groups = new Map<unknown, TaskQuestion[]>();
  for (const question of questions) {
    const picture = pictureIdentity(question);
    const group = groups.get(picture);
    if (group === undefined) groups.set(picture, [question]);
    else group.push(question);
  }
  return [...groups.values()];
}

/** Two questions of one identity are about one picture; bytes that came inside of the data are compared whole. */
function pictureIdentity({ id, picture }: TaskQuestion): string {
  if (picture === undefined) return `question ${id}`;
  return "path" in picture
    ? `path ${picture.path}`
    : `bytes ${Buffer.from(picture.bytes).toString("latin1")}`;
}

const goldenRatio = (Math.sqrt(5) - 1) / 2;

/**
 * One unit out of each of so many stretches, so that every category has its share wherever it stands in the files; at
 * another place in each stretch, since files have rhythms of their own (POPE's answers are yes and no by turns).
 */
function takeUnits(task: LoadedTask, limit: number): readonly TaskQuestion[] {
  const units = unitsOf(task);
  const perUnit = task.questions.length / Math.max(units.length, 1);
  const wanted = Math.min(units.length, Math.max(1, Math.floor(limit / perUnit)));
  const taken = new Set<string>();
  for (let i = 0; i < wanted; i++) {
    const from = Math.floor((i * units.length) / wanted);
    const stretch = Math.floor(((i + 1) * units.length) / wanted) - from;
    for (const id of units[from + Math.floor(((i * goldenRatio) % 1) * stretch)]!) taken.add(id);
  }
  return task.questions.filter(({ id }) => taken.has(id));
}

/** What belongs together: as the task says, else as it judges; without labels, each question by itself. */
function unitsOf(task: LoadedTask): readonly (readonly string[])[] {
  if (task.units !== undefined) return task.units;
  try {
    return task.judge(new Map()).map((verdict) => verdict.questions);
  } catch (error) {
    if (lacksLabels(error)) return task.questions.map(({ id }) => [id]);
    throw error;
  }
}
