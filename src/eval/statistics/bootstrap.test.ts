import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../tensor/random.js";
import type { Score, Scores, Verdict } from "../task.js";
import { bootstrapDifferences, bootstrapScores } from "./bootstrap.js";

const fixture = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/statistics/bootstrap.json", import.meta.url), "utf8"),
);

const percent = (name: string, value: number, count: number): Score => ({
  name,
  value,
  unit: "percent",
  count,
});

/** Mean credit overall and by group, as VQAv2 scores; `digits` rounds as its official scorer does. */
function meanTask(digits?: number) {
  let calls = 0;
  return {
    get calls() {
      return calls;
    },
    aggregate(verdicts: readonly Verdict[]): Scores {
      calls++;
      const round = (value: number) => (digits === undefined ? value : Number(value.toFixed(digits)));
      const mean = (of: readonly Verdict[]) =>
        round((100 * of.reduce((sum, { credit }) => sum + credit, 0)) / of.length);
      const groups = [...new Set(verdicts.flatMap((verdict) => verdict.groups))].sort();
      return {
        headline: percent("overall", mean(verdicts), verdicts.length),
        scores: groups.map((name) => {
          const inside = verdicts.filter((verdict) => verdict.groups.includes(name));
          return percent(name, mean(inside), inside.length);
        }),
      };
    },
  };
}

const verdicts = (credits: readonly number[]): Verdict[] =>
  credits.map((credit, i) => ({
    questions: [`q${i}`],
    credit,
    groups: [i % 3 === 0 ? "number" : "other"],
  }));

interface YesNo extends Verdict {
  readonly label: boolean;
  readonly answer: boolean;
}

const f1Task = {
  aggregate(units: readonly YesNo[]): Scores {
    const count = (test: (unit: YesNo) => boolean) => units.filter(test).length;
    const [tp, wrong] = [count((u) => u.label && u.answer), count((u) => u.label !== u.answer)];
    return { headline: percent("f1", (200 * tp) / (2 * tp + wrong), units.length), scores: [] };
  },
};

const options = { seed: fixture.seed, resamples: fixture.resamples };
const pairOf = (interval: { low: number; high: number } | undefined) => [interval!.low, interval!.high];

describe("bootstrap intervals", () => {
  it("equal numpy's on the same draws", () => {
    const [overall] = bootstrapScores(meanTask(), verdicts(fixture.first), options);
    expect(pairOf(overall.interval)[0]).toBeCloseTo(fixture.mean[0], 9);
    expect(pairOf(overall.interval)[1]).toBeCloseTo(fixture.mean[1], 9);
  });

  it("equal numpy's for a score that is no mean", () => {
    const units = fixture.labels.map((label: boolean, i: number): YesNo => {
      const answer: boolean = fixture.answers[i];
      return { questions: [String(i)], credit: label === answer ? 1 : 0, groups: [], label, answer };
    });
    const [f1] = bootstrapScores(f1Task, units, options);
    expect(pairOf(f1.interval)[0]).toBeCloseTo(fixture.f1[0], 9);
    expect(pairOf(f1.interval)[1]).toBeCloseTo(fixture.f1[1], 9);
  });

  it("agree with scipy's own bootstrap", () => {
    const [overall] = bootstrapScores(meanTask(), verdicts(fixture.first), { resamples: 20_000, seed: 1 });
    for (const [i, bound] of pairOf(overall.interval).entries())
      expect(Math.abs(bound - fixture.scipyMean[i])).toBeLessThan(0.6);
  });

  it("come near the exact distribution of a proportion", () => {
    const { units, right, interval } = fixture.binomial;
    const credits = Array.from({ length: units }, (_, i) => (i < right ? 1 : 0));
    const [overall] = bootstrapScores(meanTask(), verdicts(credits), { resamples: 4000 });
    for (const [i, bound] of pairOf(overall.interval).entries())
      expect(Math.abs(bound - interval[i])).toBeLessThan(0.5);
  });

  it("cover the truth about as often as they say", () => {
    const random = seededRandom(11);
    let covered = 0;
    for (let trial = 0; trial < 100; trial++) {
      const credits = Array.from({ length: 100 }, () => (random() < 0.7 ? 1 : 0));
      const [overall] = bootstrapScores(meanTask(), verdicts(credits), { resamples: 200, seed: trial });
      const { low, high } = overall.interval!;
      if (low <= 70 && 70 <= high) covered++;
    }
    expect(covered).toBeGreaterThan(87); // 95 expected, deviation 2.2
    expect(covered).toBeLessThan(100);
  });

  it("draw all units about a picture together: copies say no more than one", () => {
    const once = verdicts(fixture.first).map((one, i) => ({ ...one, cluster: `${i}.jpg` }));
    const copies = [0, 1, 2].flatMap(() => once); // the pictures' units stand apart
    const [alone] = bootstrapScores(meanTask(), verdicts(fixture.first), options);
    for (const units of [once, copies]) {
      const [overall] = bootstrapScores(meanTask(), units, options);
      expect(pairOf(overall.interval)[0]).toBeCloseTo(pairOf(alone.interval)[0], 9);
      expect(pairOf(overall.interval)[1]).toBeCloseTo(pairOf(alone.interval)[1], 9);
    }
  });

  it("count the units of pictures that have more of them", () => {
    // One picture with three right answers and one with a wrong one: 100, 75 or 0 %, in a quarter, half and a quarter.
    const units = [1, 1, 1, 0].map((credit, i) => ({
      ...{ questions: [`q${i}`], credit, groups: [] },
      cluster: credit === 1 ? "a" : "b",
    }));
    const at = (level: number) =>
      pairOf(bootstrapScores(meanTask(), units, { level, resamples: 2000 })[0].interval);
    expect([at(0.95), at(0.4)]).toEqual([
      [0, 100],
      [75, 75],
    ]);
  });

  it("repeat with the same seed and differ with another", () => {
    const once = bootstrapScores(meanTask(), verdicts(fixture.first), { seed: 3 });
    expect(bootstrapScores(meanTask(), verdicts(fixture.first), { seed: 3 })).toEqual(once);
    expect(bootstrapScores(meanTask(), verdicts(fixture.first), { seed: 4 })).not.toEqual(once);
  });

  it("put the headline first and name every score once", () => {
    const names = bootstrapScores(meanTask(), verdicts(fixture.first)).map(({ name }) => name);
    expect(names).toEqual(["overall", "number", "other"]);
  });

  it("refuse what is out of range", () => {
    const refused = (given: object) => () => bootstrapScores(meanTask(), verdicts([1]), given);
    expect(refused({ resamples: 0 })).toThrow(/resamples: out of range/);
    expect(refused({ level: 1 })).toThrow(/level: out of range/);
    expect(refused({ seed: -1 })).toThrow(/seed: out of range/);
    expect(() => bootstrapScores(meanTask(), [])).toThrow(/no verdicts/);
  });
});

describe("paired differences", () => {
  it("equal numpy's on the same draws, in whatever order the second comes", () => {
    const second = verdicts(fixture.second).reverse();
    const [overall] = bootstrapDifferences(meanTask(), verdicts(fixture.first), second, options);
    expect(pairOf(overall.interval)[0]).toBeCloseTo(fixture.difference[0], 9);
    expect(pairOf(overall.interval)[1]).toBeCloseTo(fixture.difference[1], 9);
    expect(overall.value).toBeCloseTo(overall.first - overall.second, 12);
  });

  it("agree with scipy's paired bootstrap", () => {
    const [overall] = bootstrapDifferences(meanTask(), verdicts(fixture.first), verdicts(fixture.second), {
      resamples: 20_000,
      seed: 2,
    });
    for (const [i, bound] of pairOf(overall.interval).entries())
      expect(Math.abs(bound - fixture.scipyDifference[i])).toBeLessThan(0.8);
  });

  it("vanish where both answer alike", () => {
    const [overall] = bootstrapDifferences(meanTask(), verdicts(fixture.first), verdicts(fixture.first));
    expect(pairOf(overall.interval)).toEqual([0, 0]);
  });

  it("refuse other questions by name", () => {
    const other = [{ questions: ["q99"], credit: 1, groups: [] }];
    expect(() => bootstrapDifferences(meanTask(), verdicts([1]), other)).toThrow(/none for q0/);
    expect(() => bootstrapDifferences(meanTask(), verdicts([1, 0]), other)).toThrow(/found 1 units/);
  });
});

describe("many verdicts", () => {
  const random = seededRandom(5);
  const credits = Array.from({ length: 100_000 }, () => [0, 0.3, 0.6, 0.9, 1][Math.floor(random() * 5)]);

  it("go by counts where all scores are means, with the very numbers of the long way", () => {
    const few = credits.slice(0, 5000);
    const byCounts = meanTask();
    const quick = bootstrapScores(byCounts, verdicts(few), { resamples: 1000 });
    expect(byCounts.calls).toBeLessThan(10);
    const shuffled = { aggregate: (units: readonly Verdict[]) => odd(meanTask().aggregate(units)) };
    const slow = bootstrapScores(shuffled, verdicts(few), { resamples: 1000 });
    for (const [i, { interval }] of quick.entries()) {
      expect(interval!.low).toBeCloseTo(slow[i].interval!.low, 9);
      expect(interval!.high).toBeCloseTo(slow[i].interval!.high, 9);
    }
  });

  it("go by counts for scores of two decimals, and not for what only looks like a mean", () => {
    const rounding = meanTask(2);
    bootstrapScores(rounding, verdicts(credits.slice(0, 5000)), { resamples: 1000 });
    expect(rounding.calls).toBeLessThan(10);
    let calls = 0;
    const nearly = {
      aggregate(units: readonly Verdict[]): Scores {
        calls++;
        const sum = units.reduce((total, { credit }) => total + credit ** 1.01, 0);
        return { headline: percent("overall", (100 * sum) / units.length, units.length), scores: [] };
      },
    };
    bootstrapScores(nearly, verdicts(credits.slice(0, 5000)), { resamples: 1000 });
    expect(calls).toBeGreaterThan(1000);
  });

  it("take seconds: 100,000 units, 1000 resamples, three scores", { timeout: 300_000 }, () => {
    const before = process.cpuUsage();
    const [overall] = bootstrapScores(meanTask(2), verdicts(credits), { resamples: 1000 });
    const { user } = process.cpuUsage(before); // not the clock: other programs may keep the cores busy
    expect(user / 1e6).toBeLessThan(60); // about 1.5 s on a quiet core; crowded ones count many times that
    expect(overall.interval!.high - overall.interval!.low).toBeLessThan(0.6);
  });
});

/** Adds a score that is no mean, so that the long way has to be taken. */
function odd({ headline, scores }: Scores): Scores {
  return { headline, scores: [...scores, { ...headline, name: "zzz", value: Math.sqrt(headline.value) }] };
}
