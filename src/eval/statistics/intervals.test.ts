import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../tensor/random.js";
import { meanCredit } from "../scoring/mean-credit.js";
import type { Share, Verdict } from "../task.js";
import { mmeScores, mmeShares, type PairVerdict } from "../tasks/mme/score.js";
import { subtasks } from "../tasks/mme/subtasks.js";
import { findTask, tasks } from "../tasks/registry.js";
import { clustersOf } from "./clusters.js";
import { wilson } from "./interval.js";
import { linearScore } from "./linear-score.js";
import { pairedDifference, pairedRatio } from "./paired.js";
import { scoreIntervals } from "./score-intervals.js";
import { stratifiedVariance } from "./variance.js";

const fixture = (name: string) =>
  JSON.parse(
    readFileSync(new URL(`../../../test/fixtures/statistics/${name}.json`, import.meta.url), "utf8"),
  );
const recorded = fixture("intervals");
const drawn = fixture("bootstrap");

const creditTask = { aggregate: (all: readonly Verdict[]) => meanCredit(all) };
const creditShare: Share = { points: 100, right: ({ credit }) => credit, whole: () => 1 };

const verdicts = (credits: readonly number[]): Verdict[] =>
  credits.map((credit, i) => ({ questions: [`q${i}`], credit, groups: [] }));
const binary = (right: number, count: number) =>
  verdicts(Array.from({ length: count }, (_, i) => (i < right ? 1 : 0)));
const overall = (of: readonly Verdict[]) => scoreIntervals(creditTask, of)[0].interval!;
const linear = (of: readonly Verdict[], about = of) => linearScore([creditShare], of, clustersOf(about));

describe("a score's interval", () => {
  it("is Wilson's, as statsmodels has it, of as many units as there are where each is about a picture of its own", () => {
    for (const { right, count, interval } of recorded.wilson) {
      const { low, high } = wilson(right / count, count);
      expect([low, high]).toEqual(interval.map((bound: number) => expect.closeTo(bound, 12)));
      const found = overall(binary(right, count));
      expect([found.low / 100, found.high / 100]).toEqual(
        interval.map((bound: number) => expect.closeTo(bound, 12)),
      );
      expect(found.method).toBe("wilson");
      expect(found.effective).toBeCloseTo(count, 9);
    }
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
  });

  it("comes near scipy's bootstrap away from the edges", () => {
    const near = (found: { low: number; high: number }, bounds: readonly number[], within: number) => {
      expect(Math.abs(found.low - bounds[0])).toBeLessThan(within);
      expect(Math.abs(found.high - bounds[1])).toBeLessThan(within);
    };
    near(overall(verdicts(drawn.first)), drawn.scipyMean, 1.5);
    const { units, right, interval } = drawn.binomial;
    near(overall(binary(right, units)), interval, 0.3);
    const labels = drawn.labels as boolean[];
    const found = labels.map((label, i) => ({
      ...verdicts([label === drawn.answers[i] ? 1 : 0])[0],
      ...{ label: label ? "yes" : "no", said: drawn.answers[i] ? "yes" : "no" },
    }));
    const f1: Share<(typeof found)[number]> = {
      points: 100,
      right: ({ label, said }) => (label === "yes" && said === "yes" ? 2 : 0),
      whole: ({ label, said }) => Number(label === "yes") + Number(said === "yes"),
      loss: () => 1,
      gain: ({ label }) => (label === "yes" ? 2 : 0),
    };
    const value =
      100 *
      (found.reduce((sum, one) => sum + f1.right(one), 0) /
        found.reduce((sum, one) => sum + f1.whole(one), 0));
    const task = {
      aggregate: () => ({ headline: { name: "f1", value, unit: "percent", count: 60 } as const, scores: [] }),
      shares: () => [f1],
    };
    near(scoreIntervals(task, found)[0].interval!, drawn.f1, 3.5);
  });

  it("counts pictures: copies of a picture's answers say no more than one", () => {
    const once = verdicts(drawn.first).map((one, i) => ({ ...one, cluster: `${i}.jpg` }));
    const copies = [0, 1, 2].flatMap(() => once);
    for (const part of [once, once.map((one) => ({ ...one, credit: 1 }))]) {
      const [alone, thrice] = [part, copies.map((one, i) => ({ ...one, credit: part[i % 60].credit }))].map(
        overall,
      );
      expect(thrice.low).toBeCloseTo(alone.low, 9);
      expect(thrice.high).toBeCloseTo(alone.high, 9);
    }
  });

  it("goes on without a step from no error to the first: 500 pictures with 18 questions", () => {
    const all = Array.from(
      { length: 9000 },
      (_, i): Verdict => ({ ...verdicts([1])[0], cluster: String(i % 500) }),
    );
    const [whole, one, hundred] = [0, 1, 100].map((wrong) =>
      overall(all.map((verdict, i) => ({ ...verdict, credit: i < wrong ? 0 : 1 }))),
    );
    expect(whole.effective).toBeCloseTo(500, 6);
    expect(one.low).toBeLessThan(whole.low);
    expect(hundred.effective).toBeGreaterThan(4000); // errors that come one by one
  });

  it("has the variance that samplics' Taylor estimator finds", () => {
    for (const { name, rows, value, error } of recorded.surveys as Survey[]) {
      const ratio: Share<Row> = { points: 1, right: (row) => row.right, whole: (row) => row.whole };
      const all = rows.map(
        ([cluster, stratum, right, whole]): Row => ({ ...verdicts([0])[0], cluster, stratum, right, whole }),
      );
      const score = linearScore([ratio], all, clustersOf(all));
      expect(score.part).toBeCloseTo(value, 12);
      const names = [...new Map(all.map((row) => [row.cluster, row.stratum])).values()];
      const strata = Int32Array.from(names, Number);
      const found = stratifiedVariance(score.residual, score.spread, score.stake, strata);
      const n = names.length;
      // One stratum: theirs is n / (n - 1) of the squares, ours (n + 1) / n. Several: ours takes part of them from all.
      if (new Set(names).size === 1)
        expect(found * (n / (n + 1)) * (n / (n - 1)), name).toBeCloseTo(error ** 2, 12);
      else expect(Math.abs(Math.sqrt(found) / error - 1), name).toBeLessThan(0.03);
    }
  });
});

describe("a sum over subtasks", () => {
  const mme = { aggregate: mmeScores, shares: mmeShares };
  const pairs = (names: readonly number[], right: (subtask: number, pair: number) => number, each = 1) =>
    names.flatMap((at) =>
      Array.from({ length: each }, (_, i): PairVerdict => {
        const both = right(at, i);
        return {
          questions: [`${at}/${i}`],
          credit: both / 2,
          groups: [],
          subtask: subtasks[at],
          right: both,
        };
      }),
    );
  const perception = (of: readonly PairVerdict[]) =>
    scoreIntervals(mme, of).find(({ name }) => name === "perception")!;

  it("never goes without a subtask: six pairs, all right, are 1200 of 1200 and at least what Wilson has for six", () => {
    const { value, interval } = perception(pairs([0, 1, 2, 3, 4, 5, 10, 11, 12, 13], () => 2));
    expect(value).toBe(1200);
    expect(interval!.low).toBeCloseTo(1200 * wilson(1, 6).low, 6);
    expect(interval!.high).toBe(1200);
  });

  it("is as uncertain of a subtask of one picture as of the others, and never wholly certain of those of one kind", () => {
    const single = perception(pairs([0, 1, 2, 3, 4, 5], (at) => (at % 2 === 0 ? 2 : 0))).interval!;
    expect(single.low).toBeLessThan(300);
    expect(single.high).toBeGreaterThan(900);
    const many = perception(pairs([0, 1, 2, 3, 4, 5], (at) => (at % 2 === 0 ? 2 : 0), 200)).interval!;
    expect(many.low).toBeGreaterThan(580); // the subtasks are given: what differs between them is no chance
    expect(many.high).toBeLessThan(620);
    expect(many.low).toBeLessThan(600);
  });

  it("has no interval where no answer changes the number", () => {
    const scores = scoreIntervals(
      mme,
      pairs([0, 1], () => 1),
    );
    expect(scores.find(({ name }) => name === "perception/possible")!.interval).toBeUndefined();
  });
});

describe("every score of every benchmark", () => {
  const data = (name: string) =>
    fileURLToPath(new URL(`../../../benchmarks/pocket/${name}`, import.meta.url));
  const said = ["yes", "no", "A", "B", "B.", "red", "2", "No, not", "nothing", "Yes", "left", "C"];

  it.each(
    tasks.flatMap(({ name, options }) => {
      const scorers = options.find((one) => one.name === "scorer")?.values ?? [];
      return scorers.map((scorer) => [name, scorer]);
    }),
  )(
    "is the sum of its shares, inside of its interval: %s, %s",
    { timeout: 120_000 },
    async (name, scorer) => {
      const loaded = await findTask(name).load(data(name), { scorer });
      const random = seededRandom(7);
      for (const limit of [3, 24, Number.POSITIVE_INFINITY]) {
        const asked = new Set(loaded.questions.map(({ id }) => id).filter((_, i) => i < limit));
        const answers = new Map([...asked].map((id) => [id, said[Math.floor(random() * said.length)]]));
        const some = loaded.judge(answers).filter(({ questions }) => questions.every((id) => asked.has(id)));
        if (some.length === 0) continue;
        for (const score of scoreIntervals(loaded, some)) {
          if (score.interval === undefined) continue;
          expect(score.interval.low, score.name).toBeLessThanOrEqual(score.value + 0.006);
          expect(score.interval.high, score.name).toBeGreaterThanOrEqual(score.value - 0.006);
          expect(score.interval.high - score.interval.low, score.name).toBeGreaterThan(0);
          expect(score.interval.low, score.name).toBeGreaterThanOrEqual(0);
          if (score.unit === "percent")
            expect(score.interval.high, score.name).toBeLessThanOrEqual(100 + 1e-9);
        }
      }
    },
  );

  it("is refused where a task's shares are another number", () => {
    const wrong = { ...creditTask, shares: () => [{ ...creditShare, points: 50 }] };
    expect(() => scoreIntervals(wrong, binary(1, 2))).toThrow(
      /overall: .* not the sum of its shares; expected 50, found 25/,
    );
    expect(() => scoreIntervals(creditTask, [])).toThrow(/no verdicts/);
  });
});

describe("paired", () => {
  it("differences have Bonett and Price's interval, also where nothing differs", () => {
    for (const { cells, interval } of recorded.paired) {
      const [both, lost, gained, neither] = cells as [number, number, number, number];
      const credits = (of: readonly [number, number, number, number]) =>
        verdicts([both, lost, gained, neither].flatMap((count, i) => Array<number>(count).fill(of[i])));
      const first = credits([1, 1, 0, 0]);
      const found = pairedDifference(linear(first), linear(credits([1, 0, 1, 0]), first));
      const count = both + lost + gained + neither;
      // Theirs is around the shares with two pairs more; ours says the difference itself.
      expect(found.value).toBeCloseTo((100 * (lost - gained)) / count, 9);
      const bounds = interval.map((bound: number) =>
        expect.closeTo(100 * Math.max(-1, Math.min(1, bound)), 9),
      );
      expect([found.interval.low, found.interval.high]).toEqual(bounds);
    }
  });

  it("come near scipy's paired bootstrap, in whatever order", () => {
    const [first, second] = [verdicts(drawn.first), verdicts(drawn.second)];
    const found = pairedDifference(linear(first), linear(second)).interval;
    const other = pairedDifference(linear(second), linear(first)).interval;
    for (const [i, bound] of [found.low, found.high].entries())
      expect(Math.abs(bound - drawn.scipyDifference[i])).toBeLessThan(2.5);
    expect([-other.high, -other.low]).toEqual([found.low, found.high].map((one) => expect.closeTo(one, 9)));
  });

  it("ratios are of the unreduced score, and of none where that is 0", () => {
    const [most, half, none] = [40, 20, 0].map((right) => linear(binary(right, 50)));
    const { value, interval } = pairedRatio(half, most)!;
    expect(value).toBeCloseTo(50, 9);
    expect([interval.low < 50, interval.high > 50, interval.method]).toEqual([true, true, "bonett-price"]);
    expect(pairedRatio(half, none)).toBeUndefined();
    const same = pairedRatio(most, most)!.interval;
    expect([same.low < 100, same.high > 100]).toEqual([true, true]);
  });
});

type Survey = {
  name: string;
  rows: [cluster: string, stratum: string, right: number, whole: number][];
  value: number;
  error: number;
};
interface Row extends Verdict {
  readonly stratum: string;
  readonly right: number;
  readonly whole: number;
}
