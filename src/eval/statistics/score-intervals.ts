import { PrumergeError } from "../../errors.js";
import type { Score, Scores, Verdict } from "../task.js";
import { clustersOf } from "./clusters.js";
import { type Interval, wilson } from "./interval.js";
import type { LinearScore } from "./linear-score.js";
import { linearise, type Scoring } from "./linearise.js";
import { coarseness, stratifiedVariance, worthOf } from "./variance.js";

/** A score with its interval; none where no answer can change it, or none is there. */
export interface ScoreInterval extends Score {
  readonly interval: Interval | undefined;
}

/**
 * The scores of one set of answers with their 95 % intervals. A score is a sum of shares (`Share`); what its pictures tell of its
 * variance makes the effective number of pictures, and Wilson's interval for that number is stretched to the score's points
 * (Korn and Graubard 1998 do so for surveys, with Clopper and Pearson's interval).
 *
 * @returns the headline first, then the rest in the task's order, each name once
 * @throws PrumergeError INVALID_OPTION for no verdicts
 */
export function scoreIntervals<V extends Verdict>(
  task: Scoring<V>,
  verdicts: readonly V[],
): readonly ScoreInterval[] {
  if (verdicts.length === 0) {
    throw new PrumergeError("INVALID_OPTION", "there are no verdicts to score", { expected: "at least one" });
  }
  const clusters = clustersOf(verdicts);
  return headlineFirst(task.aggregate(verdicts)).map((score) => {
    const linear = linearise(task, score, verdicts, clusters);
    return { ...score, interval: linear && intervalOf(linear) };
  });
}

/** Headline and sub-scores, each name once. */
function headlineFirst({ headline, scores }: Scores): readonly Score[] {
  return [headline, ...scores.filter(({ name }) => name !== headline.name)];
}

/** Pictures that Agresti and Coull (1998) add to a share: two that are right, two that are wrong. */
const agrestiCoull = 4;

/** Undefined where no picture has a part in the score. */
export function intervalOf(score: LinearScore): Interval | undefined {
  const { part, points, isEmpty } = score;
  if (score.stratum.every((one) => one < 0)) return undefined;
  const effective = isEmpty ? 0 : effectivePictures(score);
  const { low, high } = wilson(part, effective);
  return { low: points * low, high: points * high, method: "wilson", effective };
}

/**
 * How many independent pictures, each all right or all wrong, would tell as much: their number over the design effect, the
 * variance that there is over the one that those would have. On both sides of that fraction stands what a few more errors and
 * right answers would add: few of either kind tell little of the design, and without any the effect is 1.
 */
function effectivePictures({ part, residual, spread, stake, stratum, missed, had }: LinearScore): number {
  const { pictures, square } = worthOf(stake);
  if (pictures === 0) return 0;
  const variance = stratifiedVariance(residual, spread, stake, stratum);
  const plain = part * (1 - part) * (1 / pictures + square);
  const unknown =
    agrestiCoull * square * (part ** 2 * coarseness(missed) + (1 - part) ** 2 * coarseness(had));
  return (pictures * (plain + unknown)) / (variance + unknown);
}
