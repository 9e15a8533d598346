import { meanCredit } from "../../src/eval/scoring/mean-credit.js";
import { clustersOf } from "../../src/eval/statistics/clusters.js";
import type { Interval } from "../../src/eval/statistics/interval.js";
import { linearise, type Scoring } from "../../src/eval/statistics/linearise.js";
import { pairedDifference } from "../../src/eval/statistics/paired.js";
import { intervalOf } from "../../src/eval/statistics/score-intervals.js";
import type { Verdict } from "../../src/eval/task.js";
import { mmeScores, mmeShares, type PairVerdict } from "../../src/eval/tasks/mme/score.js";
import { subtasks } from "../../src/eval/tasks/mme/subtasks.js";
import { popeRules } from "../../src/eval/tasks/pope/rules.js";
import { aggregatePope, categories, type PopeVerdict } from "../../src/eval/tasks/pope/score.js";
import { popeShares } from "../../src/eval/tasks/pope/shares.js";
import { seededRandom } from "../../src/tensor/random.js";

/** A made-up benchmark with a known truth: how often do its intervals hold it? */
export interface Situation {
  readonly name: string;
  /** The score that a whole population would have. */
  readonly truth: number;
  /** One interval, from questions drawn anew. */
  draw(random: () => number): Interval;
}

export interface Coverage {
  /** Percent of the intervals that hold the truth. */
  readonly held: number;
  /** Mean of high less low. */
  readonly width: number;
}

/** @param seed the same gives the same questions on every machine */
export function coverageOf({ truth, draw }: Situation, trials: number, seed = 14): Coverage {
  const random = seededRandom(seed);
  let [held, width] = [0, 0];
  for (let trial = 0; trial < trials; trial++) {
    const { low, high } = draw(random);
    if (low <= truth + 1e-9 && truth <= high + 1e-9) held++;
    width += high - low;
  }
  return { held: (100 * held) / trials, width: width / trials };
}

const credit: Scoring<Verdict> = { aggregate: (verdicts) => meanCredit(verdicts) };

function interval<V extends Verdict>(task: Scoring<V>, verdicts: readonly V[]): Interval {
  const { headline } = task.aggregate(verdicts);
  return intervalOf(linearise(task, headline, verdicts, clustersOf(verdicts))!)!;
}

/**
 * An accuracy.
 *
 * @param share that is right, 0 to 1
 * @param perPicture questions about one picture
 * @param together correlation of the answers about one picture, 0 to 1: how much pictures differ in what is easy
 */
export function accuracy(share: number, questions: number, perPicture = 1, together = 0): Situation {
  return {
    name: `${questions} questions, ${perPicture} a picture, correlation ${together}, ${100 * share} % right`,
    truth: 100 * share,
    draw: (random) => {
      let ease = share;
      const verdicts = Array.from({ length: questions }, (_, i): Verdict => {
        if (i % perPicture === 0) ease = easeOf(share, together, random);
        const cluster = String(Math.floor(i / perPicture));
        return { questions: [String(i)], credit: random() < ease ? 1 : 0, groups: [], cluster };
      });
      return interval(credit, verdicts);
    },
  };
}

/** MME's perception. @param pairs of the subtask of this number, 0 or more; `share` of its answers right */
export function perception(
  name: string,
  pairs: (subtask: number) => number,
  share: (subtask: number) => number,
): Situation {
  const there = subtasks.flatMap((subtask, i) =>
    subtask.ability === "perception" && pairs(i) > 0 ? [{ subtask, count: pairs(i), right: share(i) }] : [],
  );
  return {
    name,
    // The second answer is the first's half of the time: both are right with right (1 + right) / 2.
    truth: there.reduce((sum, { right }) => sum + 100 * right + 50 * right * (1 + right), 0),
    draw: (random) => {
      const verdicts = there.flatMap(({ subtask, count, right }) =>
        Array.from({ length: count }, (_, i): PairVerdict => {
          const first = random() < right;
          const second = random() < 0.5 ? first : random() < right;
          const both = Number(first) + Number(second);
          return { questions: [`${subtask.name}${i}`], credit: both / 2, groups: [], subtask, right: both };
        }),
      );
      return interval({ aggregate: mmeScores, shares: mmeShares }, verdicts);
    },
  };
}

/** POPE's mean of three F1 scores: pictures with six questions in each file, or with one in one file. */
export function meanF1(share: number, pictures: number, isWhole: boolean, together = 0.2): Situation {
  const rule = popeRules.official;
  return {
    name: `POPE, ${pictures} pictures, ${isWhole ? "18 questions each" : "one question each"}, ${100 * share} % right`,
    truth: 100 * share, // as many yes as no: F1 is the accuracy
    draw: (random) => {
      const verdicts = Array.from({ length: pictures }, (_, picture) => {
        const ease = easeOf(share, together, random);
        const files = isWhole ? categories : [categories[picture % 3]!];
        return files.flatMap((category) =>
          Array.from({ length: isWhole ? 6 : 1 }, (_, i): PopeVerdict => {
            const label = (isWhole ? i : Math.floor(picture / 3)) % 2 === 0 ? "yes" : "no";
            const isRight = random() < ease;
            const said = isRight ? label : label === "yes" ? "no" : "yes";
            const id = `${picture}/${category}/${i}`;
            const about = { groups: [category], cluster: String(picture), label, said } as const;
            return { questions: [id], credit: isRight ? 1 : 0, ...about };
          }),
        );
      }).flat();
      const shares = (name: string, all: readonly PopeVerdict[]) => popeShares(name, all, rule);
      return interval({ aggregate: (all) => aggregatePope(all, rule), shares }, verdicts);
    },
  };
}

/** What a second method loses and gains of a first one's right answers, as shares of all questions. */
export function difference(
  questions: number,
  right: number,
  lost: number,
  gained: number,
  perPicture = 1,
): Situation {
  return {
    name: `${questions} questions, ${perPicture} a picture, ${100 * right} % right, ${100 * lost} % lost, ${100 * gained} % gained`,
    truth: 100 * (gained - lost),
    draw: (random) => {
      let luck = 0;
      const both = Array.from({ length: questions }, (_, i) => {
        // Three of ten answers about a picture go as the one before.
        if (i % perPicture === 0 || random() > 0.3) luck = random();
        const about = {
          questions: [String(i)],
          groups: [],
          cluster: String(Math.floor(i / perPicture)),
        };
        const first = luck < right;
        const second = (luck >= lost && luck < right) || (luck >= right && luck < right + gained);
        return [
          { ...about, credit: Number(first) },
          { ...about, credit: Number(second) },
        ] as const;
      });
      const clusters = clustersOf(both.map(([first]) => first));
      const [first, second] = [0, 1].map((side) => {
        const verdicts = both.map((pair) => pair[side]!);
        return linearise(credit, meanCredit(verdicts).headline, verdicts, clusters)!;
      });
      return pairedDifference(second!, first!).interval;
    },
  };
}

/** How easy one picture is: beta-distributed, so that answers about it have the wanted correlation. */
function easeOf(share: number, together: number, random: () => number): number {
  if (together === 0 || share === 0 || share === 1) return share;
  if (together === 1) return random() < share ? 1 : 0;
  const sum = 1 / together - 1;
  const [a, b] = [gamma(share * sum, random), gamma((1 - share) * sum, random)];
  return a / (a + b);
}

/** Marsaglia and Tsang 2000. */
function gamma(shape: number, random: () => number): number {
  if (shape < 1) return gamma(shape + 1, random) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const cube = (1 + normal / Math.sqrt(9 * d)) ** 3;
    if (cube <= 0) continue;
    if (Math.log(1 - random()) < 0.5 * normal ** 2 + d - d * cube + d * Math.log(cube)) return d * cube;
  }
}
