import { isMvbenchAnswer } from "../../choices/mvbench.js";
import type { LoadedTask, Score, Scores, Share, Task, TaskOptions, Verdict } from "../../task.js";
import { chooseOptions } from "../../task-options.js";
import { loadMvbench } from "./load.js";
import { type MvbenchTask, mvbenchTasks } from "./sources.js";

const options = [
  {
    name: "tasks",
    values: ["all", "present"],
    help: "all: refuses a folder without one of the twenty; present: the mean is over those that are there",
  },
] as const;

/** One question. */
export interface MvbenchVerdict extends Verdict {
  readonly task: MvbenchTask;
  /** Whether its answer is the empty text, which lmms-eval leaves out of its task's denominator. */
  readonly isEmpty: boolean;
}

/** MVBench (Li et al. 2024), scored as lmms-eval does. */
export const mvbench: Task<MvbenchVerdict> = {
  name: "mvbench",
  title: "MVBench",
  headline: "mean of the tasks' accuracies",
  options,
  load,
};

async function load(folder: string, given?: TaskOptions): Promise<LoadedTask<MvbenchVerdict>> {
  const { tasks } = chooseOptions(options, given);
  const entries = await loadMvbench(folder, tasks === "present");
  return {
    questions: entries.map(({ question }) => question),
    judge: (answers) =>
      entries.map(({ question: { id, picture }, letter, task }) => {
        const text = answers.get(id);
        const right = text !== undefined && text !== "" && isMvbenchAnswer(text, letter);
        return {
          questions: [id],
          credit: right ? 1 : 0,
          groups: [task],
          cluster: picture?.name,
          task,
          isEmpty: text === "",
        };
      }),
    aggregate,
    shares,
  };
}

const overall = "overall";
const empty = "empty-answers";

/** Of a task's answers that are not empty: 0 where all are, as there. */
function accuracy(verdicts: readonly MvbenchVerdict[]): number {
  const answered = verdicts.filter(({ isEmpty }) => !isEmpty);
  return (100 * answered.filter(({ credit }) => credit === 1).length) / Math.max(1, answered.length);
}

function aggregate(verdicts: readonly MvbenchVerdict[]): Scores {
  const parts = tasksOf(verdicts).map((task): Score => {
    const own = verdicts.filter((verdict) => verdict.task === task);
    return { name: task, value: accuracy(own), unit: "percent", count: own.length };
  });
  const count = verdicts.length;
  const mean = parts.reduce((sum, { value }) => sum + value, 0) / Math.max(1, parts.length);
  const headline: Score = { name: overall, value: mean, unit: "percent", count };
  const left = (100 * verdicts.filter(({ isEmpty }) => isEmpty).length) / Math.max(1, count);
  return { headline, scores: [headline, ...parts, { name: empty, value: left, unit: "percent", count }] };
}

function tasksOf(verdicts: readonly MvbenchVerdict[]): readonly MvbenchTask[] {
  const there = new Set(verdicts.map(({ task }) => task));
  return mvbenchTasks.filter((task) => there.has(task));
}

function shares(score: string, verdicts: readonly MvbenchVerdict[]): readonly Share<MvbenchVerdict>[] {
  const of = tasksOf(verdicts);
  if (score === overall) return of.map((task) => shareOf(task, 100 / of.length));
  if (score === empty) return [{ points: 100, right: ({ isEmpty }) => (isEmpty ? 1 : 0), whole: () => 1 }];
  return [shareOf(score, 100)];
}

function shareOf(name: string, points: number): Share<MvbenchVerdict> {
  return {
    points,
    right: ({ task, credit }) => (task === name ? credit : 0),
    whole: ({ task, isEmpty }) => (task === name && !isEmpty ? 1 : 0),
  };
}
