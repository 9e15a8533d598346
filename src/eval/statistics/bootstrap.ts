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

/** A score and its value in each resample. */
export interface ReplicatedScore extends Score {
  /** [resamples]; not finite where a resample had no unit of the score. */
  readonly replicates: Float64Array;
}

/** From this many draws on it pays to find out whether counts can replace the task's own aggregation. */
const manyDraws = 5_000_000;

/**
 * All scores of one set of answers, and their values in bootstrap resamples: pictures, with all units (verdicts) about them,
 * are drawn with replacement and aggregated as the task aggregates, also where a score is no mean (F1, MME's sums).
 *
 * Verdicts in the same clusters are drawn alike with the same options. So replicates of two sets of answers to the same questions
 * in the same order are paired: their differences, ratios and means, replicate by replicate, are those of the bootstrap.
 *
 * @returns the headline first, then the rest in the task's order
 * @throws PrumergeError INVALID_OPTION for options out of range or no verdicts
 */
export function replicateScores<V extends Verdict>(
  task: Aggregating<V>,
  verdicts: readonly V[],
  options: BootstrapOptions = {},
): readonly ReplicatedScore[] {
  const checked = checkBootstrap(options);
  if (verdicts.length === 0) {
    throw new PrumergeError("INVALID_OPTION", "there are no verdicts to resample", {
      expected: "at least one",
    });
  }
  const scores = headlineFirst(task, verdicts);
  const evaluate = evaluator(task, verdicts, scores, checked.resamples);
  const replicates = replicate(clustersOf(verdicts), scores.length, evaluate, checked);
  return scores.map((score, i) => ({ ...score, replicates: replicates[i] }));
}

/**
 * Percentile bootstrap intervals of all scores of one set of answers.
 *
 * @returns the headline first, then the rest in the task's order
 * @throws PrumergeError as {@link replicateScores}
 */
export function bootstrapScores<V extends Verdict>(
  task: Aggregating<V>,
  verdicts: readonly V[],
  options: BootstrapOptions = {},
): readonly ScoreInterval[] {
  const { level } = checkBootstrap(options);
  return replicateScores(task, verdicts, options).map(({ replicates, ...score }) => ({
    ...score,
    interval: percentileInterval(replicates, level),
  }));
}

/**
 * Percentile bootstrap intervals of the paired differences, first less second: each resample takes the same units of
 * both, so what both get wrong does not widen the interval.
 *
 * @throws PrumergeError INVALID_OPTION where the two are not about the same questions, with one that is not
 */
export function bootstrapDifferences<V extends Verdict>(
  task: Aggregating<V>,
  first: readonly V[],
  second: readonly V[],
  options: BootstrapOptions = {},
): readonly ScoreDifference[] {
  const { level } = checkBootstrap(options);
  const ours = replicateScores(task, first, options);
  const theirs = new Map(
    replicateScores(task, pair(first, second), options).map((score) => [score.name, score]),
  );
  return ours.flatMap(({ replicates, ...score }) => {
    const other = theirs.get(score.name);
    if (other === undefined) return [];
    const differences = replicates.map((value, i) => value - other.replicates[i]);
    return {
      ...score,
      first: score.value,
      second: other.value,
      value: score.value - other.value,
      interval: percentileInterval(differences, level),
    };
  });
}

/** Indices of the verdicts of each cluster, in the order in which clusters first come. */
function clustersOf(verdicts: readonly Verdict[]): readonly (readonly number[])[] {
  const clusters = new Map<unknown, number[]>();
  for (const [index, { cluster = index }] of verdicts.entries()) {
    const members = clusters.get(cluster);
    if (members === undefined) clusters.set(cluster, [index]);
    else members.push(index);
  }
  return [...clusters.values()];
}

function evaluator<V extends Verdict>(
  task: Aggregating<V>,
  verdicts: readonly V[],
  scores: readonly Score[],
  resamples: number,
): Evaluate {
  const names = scores.map(({ name }) => name);
  if (verdicts.length * resamples >= manyDraws) {
    const means = findMeanScores((sample: readonly V[]) => task.aggregate(sample), verdicts, names);
    if (means !== undefined) return meanEvaluator(verdicts, means);
  }
  return (drawn, into) => {
    const sample = Array.from(drawn, (unit) => verdicts[unit]);
    const values = new Map(allScores(task.aggregate(sample)).map(({ name, value }) => [name, value]));
    names.forEach((name, i) => {
      into[i] = values.get(name) ?? Number.NaN;
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
