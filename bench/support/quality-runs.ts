import type { Column } from "../../src/eval/report/column.js";
import { currentRecords } from "../../src/eval/report/current-records.js";
import { readRuns } from "../../src/eval/report/read-runs.js";
import type { Estimate } from "../../src/eval/report/report-data.js";
import { meanCredit } from "../../src/eval/scoring/mean-credit.js";
import { clustersOf } from "../../src/eval/statistics/clusters.js";
import { normal95 } from "../../src/eval/statistics/interval.js";
import type { LinearScore } from "../../src/eval/statistics/linear-score.js";
import { linearise } from "../../src/eval/statistics/linearise.js";
import { meanRatio, pairedDifference, pairedRatio } from "../../src/eval/statistics/paired.js";
import type { Score, Verdict } from "../../src/eval/task.js";
import { findTask } from "../../src/eval/tasks/registry.js";

/** A configuration's verdicts on one benchmark. */
interface Judged {
  readonly task: string;
  readonly headline: Score;
  readonly scores: readonly Score[];
  readonly verdicts: readonly Verdict[];
  /** Visual tokens of its questions with a picture, summed, and their number. */
  readonly tokens: number;
  readonly questions: number;
}

/** A configuration with its verdicts on all benchmarks. */
export interface Answered {
  readonly column: Column;
  readonly tasks: readonly Judged[];
  /** Mean visual tokens of questions with a picture. */
  readonly tokens: number;
}

export type Choice = (task: string, verdict: Verdict) => boolean;

/** What a run folder holds, judged; configurations without an answer to each of the questions are left out. */
export async function readAnswered(folder: string): Promise<readonly Answered[]> {
  const read = await readRuns([folder]);
  const found = new Map<string, Judged[]>();
  for (const { task: asked, records } of read.tasks) {
    const loaded = await findTask(asked.name).load(asked.data, asked.options);
    for (const [key, all] of records) {
      const { records: current } = await currentRecords(loaded, all);
      const answers = new Map<string, string>();
      let [tokens, questions] = [0, 0];
      for (const [id, record] of current) {
        if (record.kind !== "answer") continue;
        answers.set(id, record.text);
        if (record.picture === null) continue;
        tokens += record.visualTokens;
        questions++;
      }
      const verdicts = loaded
        .judge(answers)
        .filter(({ questions: ids }) => ids.every((id) => current.has(id)));
      if (verdicts.length === 0) continue;
      const { headline, scores } = loaded.aggregate(verdicts);
      const judged = { task: asked.name, headline, scores, verdicts, tokens, questions };
      found.set(key, [...(found.get(key) ?? []), judged]);
    }
  }
  const most = Math.max(...[...found.values()].map((all) => unitsOf(all)));
  return [...read.columns.values()].flatMap((column) => {
    const tasks = found.get(column.key) ?? [];
    if (unitsOf(tasks) < most) return [];
    const sum = (of: (one: Judged) => number) => tasks.reduce((total, one) => total + of(one), 0);
    return [{ column, tasks, tokens: sum((one) => one.tokens) / sum((one) => one.questions) }];
  });
}

function unitsOf(tasks: readonly Judged[]): number {
  return tasks.reduce((sum, { verdicts }) => sum + verdicts.length, 0);
}

/** Mean over benchmarks of the percent of units that are right. */
export function meanRight({ tasks }: Answered): number {
  const shares = tasks.map(({ verdicts }) => meanCredit(verdicts).headline.value);
  return shares.reduce((sum, one) => sum + one, 0) / shares.length;
}

/** Mean over benchmarks of the first's percent right less the second's, paired by pictures. */
export function meanLess(first: Answered, second: Answered): Estimate {
  const differences = pairs(first, second).map(([a, b]) => pairedDifference(a, b));
  const count = differences.length;
  const value = differences.reduce((sum, one) => sum + one.value, 0) / count;
  const reach = (normal95 * Math.sqrt(differences.reduce((sum, one) => sum + one.variance, 0))) / count;
  const interval = { ...differences[0]!.interval, low: value - reach, high: value + reach };
  return { value, interval };
}

/** Mean over benchmarks of the first's percent right over the second's, percent, paired by pictures. */
export function meanShare(first: Answered, second: Answered): Estimate {
  return meanRatio(pairs(first, second).flatMap(([a, b]) => pairedRatio(a, b) ?? []));
}

/** Percent right of the chosen units of all benchmarks, and by how much less than the unreduced model's, paired. */
export function rightOfChosen(
  one: Answered,
  unreduced: Answered,
  choice: Choice,
): { readonly units: number; readonly value: number; readonly less: Estimate } {
  const [mine, theirs] = [one, unreduced].map((answered) =>
    answered.tasks.flatMap(({ task, verdicts }) =>
      verdicts
        .filter((verdict) => choice(task, verdict))
        .map((verdict) => ({ ...verdict, cluster: `${task}/${verdict.cluster ?? verdict.questions[0]}` })),
    ),
  );
  const less = pairedDifference(linear(mine!), linear(theirs!));
  return { units: mine!.length, value: meanCredit(mine!).headline.value, less };
}

function pairs(first: Answered, second: Answered): readonly (readonly [LinearScore, LinearScore])[] {
  return first.tasks.map(({ task, verdicts }) => {
    const other = second.tasks.find((one) => one.task === task)!;
    return [linear(verdicts), linear(other.verdicts)];
  });
}

function linear(verdicts: readonly Verdict[]): LinearScore {
  const scoring = { aggregate: (all: readonly Verdict[]) => meanCredit(all) };
  return linearise(scoring, meanCredit(verdicts).headline, verdicts, clustersOf(verdicts))!;
}
