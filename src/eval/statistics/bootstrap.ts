import { PrumergeError } from "../../errors.js";
import type { LoadedTask, Score, Verdict } from "../task.js";
import { type BootstrapOptions, checkBootstrap, type Interval, percentileInterval } from "./interval.js";
import { allScores, findMeanScores, meanEvaluator } from "./mean-scores.js";
import { type Evaluate, replicate } from "./resample.js";

/** What a bootstrap needs of a task. */
export type Aggregating<V extends Verdict> = Pick<LoadedTask<V>, "aggregate">;

/** A score with its interval; no interval where no resample had a unit of it. */
export interface ScoreInterval extends Score {
  readonly interval: Interval | undefined;
}

/** One score of two sets of answers to the same questions: `value` is the first less the second. */
export interface ScoreDifference extends ScoreInterval {
  readonly first: number;
  readonly second: number;
}

/** From this many draws on it pays to find out whether counts can replace the task's own aggregation. */
const manyDraws = 5_000_000;

/**
 * Percentile bootstrap intervals of all scores of one set of answers: units (verdicts) are drawn with replacement and
 * aggregated as the task aggregates, also where a score is no mean (F1, MME's sums).
 *
 * Units count as independent: where several questions share one picture, the interval is somewhat too narrow.
 *
 * @returns the headline first, then the rest in the task's order
 * @throws PrumergeError INVALID_OPTION for options out of range or no verdicts
 */
export function bootstrapScores<V extends Verdict>(
  task: Aggregating<V>,
  verdicts: readonly V[],
  options: BootstrapOptions = {},
): readonly ScoreInterval[] {
  const checked = checkBootstrap(options);
  refuseEmpty(verdicts);
  const scores = headlineFirst(task, verdicts);
  const replicates = replicate(
    verdicts.length,
    scores.length,
    evaluator(task, [verdicts], scores, checked.resamples),
    checked,
  );
  return scores.map((score, i) => ({ ...score, interval: percentileInterval(replicates[i], checked.level) }));
}

/** One score of both sets of answers in the same resamples. */
export interface PairedScore extends Omit<Score, "value"> {
  readonly first: number;
  readonly second: number;
  /** [resamples] values of the first set, and of the second, resample by resample. */
  readonly replicates: readonly [first: Float64Array, second: Float64Array];
}

/**
 * Aggregates the same resamples of two sets of answers to the same questions, headline first. Differences, ratios and means
 * over tasks are made of these, so that what both get wrong does not widen their intervals.
 *
 * @throws PrumergeError INVALID_OPTION where the two are not about the same questions, with one that is not
 */
export function pairedReplicates<V extends Verdict>(
  task: Aggregating<V>,
  first: readonly V[],
  second: readonly V[],
  options: BootstrapOptions = {},
): readonly PairedScore[] {
  const checked = checkBootstrap(options);
  refuseEmpty(first);
  const paired = pair(first, second);
  const [ours, theirs] = [headlineFirst(task, first), headlineFirst(task, paired)];
  const others = new Map(theirs.map((score) => [score.name, score.value]));
  const scores = ours.filter(({ name }) => others.has(name));
  const evaluate = evaluator(task, [first, paired], scores, checked.resamples);
  const replicates = replicate(first.length, 2 * scores.length, evaluate, checked);
  return scores.map(({ value, ...score }, i) => ({
    ...score,
    first: value,
    second: others.get(score.name)!,
    replicates: [replicates[i], replicates[scores.length + i]],
  }));
}

/**
 * Percentile bootstrap intervals of the paired differences, first less second.
 *
 * @throws PrumergeError as {@link pairedReplicates}
 */
export function bootstrapDifferences<V extends Verdict>(
  task: Aggregating<V>,
  first: readonly V[],
  second: readonly V[],
  options: BootstrapOptions = {},
): readonly ScoreDifference[] {
  const { level } = checkBootstrap(options);
  return pairedReplicates(task, first, second, options).map(({ replicates: [ours, theirs], ...score }) => ({
    ...score,
    value: score.first - score.second,
    interval: percentileInterval(
      ours.map((value, i) => value - theirs[i]),
      level,
    ),
  }));
}

function evaluator<V extends Verdict>(
  task: Aggregating<V>,
  sides: readonly (readonly V[])[],
  scores: readonly Score[],
  resamples: number,
): Evaluate {
  const names = scores.map(({ name }) => name);
  if (sides[0].length * resamples >= manyDraws) {
    const aggregate = (verdicts: readonly V[]) => task.aggregate(verdicts);
    const means = sides.map((side) => findMeanScores(aggregate, side, names));
    const [one, other = one] = means;
    if (one !== undefined && other?.every(({ group }, i) => group === one[i].group))
      return meanEvaluator(sides, one);
  }
  return (drawn, into) => {
    sides.forEach((side, index) => {
      const sample = Array.from(drawn, (unit) => side[unit]);
      const values = new Map(allScores(task.aggregate(sample)).map(({ name, value }) => [name, value]));
      names.forEach((name, i) => {
        into[index * names.length + i] = values.get(name) ?? Number.NaN;
      });
    });
  };
}

function headlineFirst<V extends Verdict>(task: Aggregating<V>, verdicts: readonly V[]): readonly Score[] {
  const scores = task.aggregate(verdicts);
  const { headline } = scores;
  return [headline, ...allScores(scores).filter(({ name }) => name !== headline.name)];
}

function pair<V extends Verdict>(first: readonly V[], second: readonly V[]): readonly V[] {
  const key = ({ questions }: Verdict) => JSON.stringify(questions);
  const others = new Map(second.map((verdict) => [key(verdict), verdict]));
  const refuse = (found: string): never => {
    throw new PrumergeError("INVALID_OPTION", "a paired difference needs the same questions on both sides", {
      expected: `${first.length} units with the same questions`,
      found,
    });
  };
  if (second.length !== first.length) refuse(`${second.length} units`);
  return first.map(
    (verdict) => others.get(key(verdict)) ?? refuse(`none for ${verdict.questions.join(", ")}`),
  );
}

function refuseEmpty(verdicts: readonly Verdict[]): void {
  if (verdicts.length > 0) return;
  throw new PrumergeError("INVALID_OPTION", "there are no verdicts to resample", {
    expected: "at least one",
  });
}
