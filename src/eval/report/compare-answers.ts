import { isVideoFile, type LoadedTask, type TaskPicture, type Verdict } from "../task.js";
import type { Column } from "./column.js";
import type { JudgedColumn } from "./compare-columns.js";
import { differenceFigure, type Framing } from "./difference-figure.js";
import type { Comparison, Difference } from "./report-data.js";

/** One task's two columns. */
export interface ComparableTask {
  readonly title: string;
  readonly loaded: LoadedTask;
  readonly first: JudgedColumn;
  readonly second: JudgedColumn;
}

/** A unit that the two judge differently. */
interface DifferingUnit {
  readonly task: ComparableTask;
  readonly first: Verdict;
  readonly second: Verdict;
}

/**
 * Counts what the second column loses and gains against the first, and shows some of it: as many losses as gains where
 * there are as many, spread evenly over the tasks and their questions.
 *
 * @param examples how many to show, 0 or more
 */
export async function compareAnswers(
  columns: readonly [first: Column, second: Column],
  tasks: readonly ComparableTask[],
  examples: number,
  framing: Framing | undefined,
): Promise<Comparison> {
  const differing = tasks.map((task) => ({ task, units: differingUnits(task) }));
  const tally = differing.map(({ task, units }) => ({
    task: task.title,
    lost: units.filter(({ first, second }) => second.credit < first.credit).length,
    gained: units.filter(({ first, second }) => second.credit > first.credit).length,
    units: task.first.verdicts.length,
  }));
  const all = differing.flatMap(({ units }) => units);
  const lost = all.filter(({ first, second }) => second.credit < first.credit);
  const gained = all.filter(({ first, second }) => second.credit > first.credit);
  const gains = Math.min(gained.length, Math.max(Math.floor(examples / 2), examples - lost.length));
  const chosen = [...spread(lost, examples - gains), ...spread(gained, gains)];
  const shown: Difference[] = [];
  for (const unit of chosen) shown.push(await describe(unit, framing));
  return { columns, tally, examples: shown };
}

function differingUnits(task: ComparableTask): readonly DifferingUnit[] {
  return task.first.verdicts.flatMap((first, i) => {
    const second = task.second.verdicts[i];
    return first.credit === second.credit ? [] : [{ task, first, second }];
  });
}

function spread<T>(items: readonly T[], count: number): readonly T[] {
  const wanted = Math.min(items.length, count);
  return Array.from({ length: wanted }, (_, i) => items[Math.floor((i * items.length) / wanted)]);
}

async function describe(
  { task, first, second }: DifferingUnit,
  framing: Framing | undefined,
): Promise<Difference> {
  // Of a unit of several questions, one that was answered differently.
  const textOf = (judged: JudgedColumn, id: string) => {
    const record = judged.records.get(id);
    return record?.kind === "answer" ? record.text : `(failed: ${record?.message ?? "no record"})`;
  };
  const id =
    first.questions.find((one) => textOf(task.first, one) !== textOf(task.second, one)) ?? first.questions[0];
  const question = task.loaded.questions.find((one) => one.id === id)!;
  const answer = (judged: JudgedColumn, { credit }: Verdict) => {
    const record = judged.records.get(id);
    const visualTokens = record?.kind === "answer" ? record.visualTokens : 0;
    return { text: textOf(judged, id), credit, visualTokens };
  };
  const record = task.second.records.get(id);
  const kept = record?.kind === "answer" ? record.kept : null;
  const picture: TaskPicture | undefined = question.picture;
  return {
    task: task.title,
    id,
    question: question.text,
    detail: question.detail,
    // Of a video there is no one picture to show.
    figure: picture && !isVideoFile(picture) ? await differenceFigure(picture, kept, framing) : undefined,
    answers: [answer(task.first, first), answer(task.second, second)],
  };
}
