import type { JournalRecord } from "../run/run-folder.js";
import { type ReplicatedScore, replicateScores } from "../statistics/bootstrap.js";
import { type BootstrapOptions, checkBootstrap, percentileInterval } from "../statistics/interval.js";
import type { LoadedTask, Verdict } from "../task.js";
import { baselines, type Column } from "./column.js";
import type { CountedEstimate, Estimate, TaskColumn } from "./report-data.js";
import { meanVisualTokens, spending } from "./spending.js";

/** A column's answers to the questions that all columns of its task have. */
export interface JudgedColumn {
  readonly column: Column;
  readonly records: ReadonlyMap<string, JournalRecord>;
  readonly verdicts: readonly Verdict[];
}

/** A column with what the mean over tasks needs. */
export interface ComparedColumn extends TaskColumn {
  readonly judged: JudgedColumn;
  /** Percent of the unreduced model's headline in each resample. */
  readonly retentionReplicates: Float64Array | undefined;
}

/** Scores all columns of a task on the same resamples, and sets them side by side. */
export function compareColumns(
  loaded: LoadedTask,
  columns: readonly JudgedColumn[],
  options: BootstrapOptions,
): readonly ComparedColumn[] {
  const { level } = checkBootstrap(options);
  const details = new Map(loaded.questions.map(({ id, detail }) => [id, detail]));
  const scored = columns.map((judged) => ({
    judged,
    column: judged.column,
    scores: replicateScores(loaded, judged.verdicts, options),
  }));
  type Scored = (typeof scored)[number];
  const estimate = (
    one: ReplicatedScore,
    other: ReplicatedScore | undefined,
    combine: (a: number, b: number) => number,
  ): (Estimate & { readonly replicates: Float64Array }) | undefined => {
    if (other === undefined) return undefined;
    const replicates = one.replicates.map((value, i) => combine(value, other.replicates[i]));
    return {
      value: combine(one.value, other.value),
      interval: percentileInterval(replicates, level),
      replicates,
    };
  };
  return scored.map(({ judged, column, scores }): ComparedColumn => {
    const headline = scores[0];
    const sibling = (matches: (other: Column) => boolean) =>
      scored.find(
        (one: Scored) =>
          one.column.variant === column.variant && one.column.key !== column.key && matches(one.column),
      )?.scores[0];
    const unreduced = sibling(({ configuration }) => configuration.method === "none");
    const baseline = (method: string) =>
      sibling(
        ({ configuration }) =>
          configuration.method === method && sameCount(configuration.budget, column.configuration.budget),
      );
    const less = (a: number, b: number) => a - b;
    const retention = estimate(headline, unreduced, (a, b) => (100 * a) / b);
    const differences = Object.fromEntries(
      [["none", unreduced] as const, ...baselines.map((name) => [name, baseline(name)] as const)].flatMap(
        ([name, other]) => {
          const difference = estimate(headline, other, less);
          return difference === undefined
            ? []
            : [[name, { value: difference.value, interval: difference.interval }]];
        },
      ),
    );
    const answered = [...judged.records.values()];
    return {
      column,
      judged,
      visualTokens: meanVisualTokens(answered),
      failed: answered.filter(({ kind }) => kind === "failure").length,
      headline: withInterval(headline, level),
      scores: loaded
        .aggregate(judged.verdicts)
        .scores.flatMap(({ name }) => scores.filter((score) => score.name === name).slice(0, 1))
        .map((score) => withInterval(score, level)),
      retention: retention && { value: retention.value, interval: retention.interval },
      retentionReplicates: retention?.replicates,
      differences,
      detail: detailOf(judged.verdicts, details, options, level),
      spending: spending(answered),
    };
  });
}

function sameCount(a: Column["configuration"]["budget"], b: Column["configuration"]["budget"]): boolean {
  return a !== "all" && b !== "all" && "tokens" in a && "tokens" in b && a.tokens === b.tokens;
}

function withInterval({ replicates, ...score }: ReplicatedScore, level: number) {
  return { ...score, interval: percentileInterval(replicates, level) };
}

function detailOf(
  verdicts: readonly Verdict[],
  details: ReadonlyMap<string, boolean | undefined>,
  options: BootstrapOptions,
  level: number,
): TaskColumn["detail"] {
  const known = verdicts.filter(({ questions }) => questions.every((id) => details.get(id) !== undefined));
  const small = known.filter(({ questions }) => questions.some((id) => details.get(id)));
  const other = known.filter((verdict) => !small.includes(verdict));
  if (small.length === 0 || other.length === 0) return undefined;
  const share = (of: readonly Verdict[]): CountedEstimate => {
    const [score] = replicateScores(credit, of, options);
    return { value: score.value, interval: percentileInterval(score.replicates, level), count: of.length };
  };
  return { small: share(small), other: share(other) };
}

/** The share of right units, whatever the task's own score. */
const credit = {
  aggregate(verdicts: readonly Verdict[]) {
    const sum = verdicts.reduce((total, one) => total + one.credit, 0);
    const headline = {
      name: "right",
      value: (100 * sum) / verdicts.length,
      unit: "percent",
      count: verdicts.length,
    } as const;
    return { headline, scores: [headline] };
  },
};
