import type { JournalRecord } from "../run/run-folder.js";
import { meanCredit } from "../scoring/mean-credit.js";
import { clustersOf } from "../statistics/clusters.js";
import { linearise } from "../statistics/linearise.js";
import {
  type PairedDifference,
  type PairedEstimate,
  pairedDifference,
  pairedRatio,
} from "../statistics/paired.js";
import { scoreIntervals } from "../statistics/score-intervals.js";
import type { LoadedTask, Verdict } from "../task.js";
import { baselines, type Column, isUnreduced } from "./column.js";
import type { CountedEstimate, TaskColumn } from "./report-data.js";
import { meanVisualTokens, spending } from "./spending.js";

/** A column's answers to the questions that all columns of its task have. */
export interface JudgedColumn {
  readonly column: Column;
  readonly records: ReadonlyMap<string, JournalRecord>;
  readonly verdicts: readonly Verdict[];
}

/** A column with what the mean over tasks needs. */
export interface ComparedColumn extends Omit<TaskColumn, "differences"> {
  readonly judged: JudgedColumn;
  readonly differences: Readonly<Record<string, PairedDifference>>;
  readonly retention: PairedEstimate | undefined;
}

/** Scores all columns of a task, and sets them side by side on the same pictures. */
export function compareColumns(
  loaded: LoadedTask,
  columns: readonly JudgedColumn[],
): readonly ComparedColumn[] {
  const details = new Map(loaded.questions.map(({ id, detail }) => [id, detail]));
  const clusters = clustersOf(columns[0].verdicts);
  const scored = columns.map((judged) => ({
    judged,
    column: judged.column,
    scores: scoreIntervals(loaded, judged.verdicts),
    linear: linearise(loaded, loaded.aggregate(judged.verdicts).headline, judged.verdicts, clusters),
  }));
  return scored.map(({ judged, column, scores, linear }): ComparedColumn => {
    const sibling = (matches: (other: Column) => boolean) =>
      scored.find(
        (one) =>
          one.column.variant === column.variant && one.column.key !== column.key && matches(one.column),
      );
    const unreduced = sibling(isUnreduced);
    const others = baselines.map((method) =>
      sibling(
        ({ configuration, exact }) =>
          configuration.method === method && exact !== undefined && exact === column.exact,
      ),
    );
    const answered = [...judged.records.values()];
    return {
      column,
      judged,
      visualTokens: meanVisualTokens(answered),
      failed: answered.filter(({ kind }) => kind === "failure").length,
      headline: scores[0],
      scores: loaded
        .aggregate(judged.verdicts)
        .scores.flatMap(({ name }) => scores.filter((score) => score.name === name).slice(0, 1)),
      retention: linear && unreduced?.linear && pairedRatio(linear, unreduced.linear),
      differences: Object.fromEntries(
        [unreduced, ...others].flatMap((other) =>
          linear === undefined || other?.linear === undefined
            ? []
            : [[other.column.configuration.method, pairedDifference(linear, other.linear)]],
        ),
      ),
      detail: detailOf(judged.verdicts, details),
      spending: spending(answered),
    };
  });
}

function detailOf(
  verdicts: readonly Verdict[],
  details: ReadonlyMap<string, boolean | undefined>,
): TaskColumn["detail"] {
  const known = verdicts.filter(({ questions }) => questions.every((id) => details.get(id) !== undefined));
  const small = known.filter(({ questions }) => questions.some((id) => details.get(id)));
  const other = known.filter((verdict) => !small.includes(verdict));
  if (small.length === 0 || other.length === 0) return undefined;
  // The share of right units, whatever the task's own score.
  const share = (of: readonly Verdict[]): CountedEstimate => {
    const [{ value, interval }] = scoreIntervals({ aggregate: (all) => meanCredit(all) }, of);
    return { value, interval, count: of.length };
  };
  return { small: share(small), other: share(other) };
}
