import { PrumergeError } from "../../errors.js";
import type { LoadedTask, Score, Share, Verdict } from "../task.js";
import type { Clusters } from "./clusters.js";
import { type LinearScore, linearScore } from "./linear-score.js";

/** What intervals need of a task. */
export type Scoring<V extends Verdict> = Pick<LoadedTask<V>, "aggregate" | "shares">;

/**
 * One score of a task's verdicts as a sum over pictures.
 *
 * @returns undefined where no answer changes the score, or it is about nothing
 * @throws PrumergeError RUNTIME where the task's shares are not its score: the interval would be of something else
 */
export function linearise<V extends Verdict>(
  task: Scoring<V>,
  score: Score,
  verdicts: readonly V[],
  clusters: Clusters,
): LinearScore | undefined {
  if (score.count === 0) return undefined;
  const shares = task.shares?.(score.name, verdicts) ?? [meanCredit(score, verdicts)];
  if (shares.length === 0) return undefined;
  const linear = linearScore(shares, verdicts, clusters);
  const value = linear.points * linear.part;
  // Official scorers that print two decimals return two decimals.
  if (Math.abs(value - score.value) <= 5.1e-5 * linear.points) return linear;
  throw new PrumergeError("RUNTIME", "a benchmark's score is not the sum of its shares", {
    where: score.name,
    expected: String(score.value),
    found: String(value),
  });
}

function meanCredit<V extends Verdict>({ name, unit }: Score, verdicts: readonly V[]): Share<V> {
  const isGroup = verdicts.some(({ groups }) => groups.includes(name));
  const isIn = ({ groups }: V) => !isGroup || groups.includes(name);
  return {
    points: unit === "ratio" ? 1 : 100,
    right: (verdict) => (isIn(verdict) ? verdict.credit : 0),
    whole: (verdict) => (isIn(verdict) ? 1 : 0),
  };
}
