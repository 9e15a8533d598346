import { seededRandom } from "../../tensor/random.js";
import type { Score, Scores, Verdict } from "../task.js";
import type { Evaluate } from "./resample.js";

/** A score that is the mean of its units' credit, times a factor. */
export interface MeanScore {
  /** The group whose units it is about; undefined for all units. */
  readonly group: string | undefined;
  /** 100 for percent, 1 for a ratio. */
  readonly factor: number;
}

const probes = 4;

/**
 * Finds out whether every score of a task is a plain mean of credit, over all units or over one group's, so that
 * resamples can be evaluated without asking the task. It is tried, not believed: the task aggregates the verdicts and
 * four random resamples of them, and each score has to equal one and the same mean in all five.
 *
 * @returns one entry per name, or undefined where some score is anything else (an F1 score, a sum over subtasks)
 */
export function findMeanScores<V extends Verdict>(
  aggregate: (verdicts: readonly V[]) => Scores,
  verdicts: readonly V[],
  names: readonly string[],
): readonly MeanScore[] | undefined {
  const groups = [undefined, ...new Set(verdicts.flatMap((verdict) => verdict.groups))];
  const candidates = new Map(names.map((name) => [name, groups]));
  const random = seededRandom(0x5eed);
  const factors = new Map<string, number>();
  for (let probe = 0; probe <= probes; probe++) {
    const sample =
      probe === 0 ? verdicts : verdicts.map(() => verdicts[Math.floor(random() * verdicts.length)]);
    const means = meansByGroup(sample);
    for (const score of allScores(aggregate(sample))) {
      const left = candidates.get(score.name);
      if (left === undefined) continue;
      factors.set(score.name, score.unit === "percent" ? 100 : 1);
      if (score.unit === "points") return undefined;
      candidates.set(
        score.name,
        left.filter((group) => equals(score, means.get(group))),
      );
    }
  }
  const found = names.map((name) => ({ group: candidates.get(name)![0], factor: factors.get(name) ?? 1 }));
  return names.every((name) => candidates.get(name)!.length > 0 && factors.has(name)) ? found : undefined;
}

/** Headline and sub-scores, each name once. */
export function allScores({ headline, scores }: Scores): readonly Score[] {
  return scores.some(({ name }) => name === headline.name) ? scores : [headline, ...scores];
}

function equals({ value, unit }: Score, mean: number | undefined): boolean {
  if (mean === undefined) return false;
  const factor = unit === "percent" ? 100 : 1;
  // Official scorers that print two decimals return two decimals.
  const rounded = Math.abs(Math.round(value * 100) - value * 100) < 1e-7 && unit === "percent";
  return Math.abs(factor * mean - value) <= (rounded ? 0.005 : 0) + 1e-9 * factor;
}

function meansByGroup(verdicts: readonly Verdict[]): Map<string | undefined, number> {
  const sums = new Map<string | undefined, { sum: number; count: number }>();
  for (const { credit, groups } of verdicts) {
    for (const group of [undefined, ...groups]) {
      const entry = sums.get(group);
      if (entry === undefined) sums.set(group, { sum: credit, count: 1 });
      else {
        entry.sum += credit;
        entry.count++;
      }
    }
  }
  return new Map([...sums].map(([group, { sum, count }]) => [group, sum / count]));
}

/**
 * Evaluates mean scores from counts: units of equal credit and groups are one class, so a resample is a
 * histogram over a few classes.
 */
export function meanEvaluator(verdicts: readonly Verdict[], means: readonly MeanScore[]): Evaluate {
  const { classOf, members } = classify(verdicts);
  const terms = means.map(({ group, factor }) => {
    const inside = members.flatMap(({ credit, groups }, id) =>
      group === undefined || groups.includes(group) ? [{ id, credit }] : [],
    );
    return {
      ids: Int32Array.from(inside, ({ id }) => id),
      credits: Float64Array.from(inside, ({ credit }) => credit),
      factor,
    };
  });
  const counts = new Int32Array(members.length);
  return (drawn, into) => {
    counts.fill(0);
    for (let at = 0; at < drawn.length; at++) counts[classOf[drawn[at]]]++;
    for (let score = 0; score < terms.length; score++) {
      const { ids, credits, factor } = terms[score];
      let sum = 0;
      let count = 0;
      for (let i = 0; i < ids.length; i++) {
        count += counts[ids[i]];
        sum += counts[ids[i]] * credits[i];
      }
      into[score] = (factor * sum) / count;
    }
  };
}

/** The class of each unit, and one unit of each class. */
function classify(verdicts: readonly Verdict[]): { classOf: Int32Array; members: Verdict[] } {
  const members: Verdict[] = [];
  const known = new Map<string, number>();
  const classOf = Int32Array.from(verdicts, (verdict) => {
    const key = `${verdict.credit}\n${verdict.groups.join("\t")}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    known.set(key, members.length);
    return members.push(verdict) - 1;
  });
  return { classOf, members };
}
