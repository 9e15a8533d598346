import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PrumergeError } from "../../errors.js";
import type { Score, Share, Verdict } from "../task.js";
import { clustersOf } from "./clusters.js";
import { wilson } from "./interval.js";
import { linearScore } from "./linear-score.js";
import { linearise } from "./linearise.js";
import { meanRatio, type PairedEstimate, pairedDifference, pairedRatio } from "./paired.js";
import { intervalOf, scoreIntervals } from "./score-intervals.js";
import { coarseness, stratifiedVariance, worthOf } from "./variance.js";

interface Row extends Verdict {
  readonly at: number;
}
interface Estimate {
  readonly value: number;
  readonly effective: number;
  readonly interval: readonly [number, number];
}
interface Columns {
  readonly right: number[][];
  readonly whole: number[][];
  readonly loss?: number[][];
  readonly gain?: number[][];
}
type Recorded = Estimate & Columns & { name: string; clusters: string[]; points: number[] };
type Pair = {
  name: string;
  clusters: string[];
  points: number[];
  whole: number[][];
  first: number[][];
  second: number[][];
  difference: Estimate & { variance: number };
  ratio: Estimate & { variance: number };
};
const recorded: {
  scores: Recorded[];
  pairs: Pair[];
  mean_ratio: Estimate & { variance: number };
} = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/statistics/linear.json", import.meta.url), "utf8"),
);

const rowsOf = (clusters: readonly string[]) =>
  clusters.map((cluster, at): Row => ({ questions: [`q${at}`], credit: 0, groups: [], cluster, at }));

function linearOf(clusters: readonly string[], points: readonly number[], columns: Columns) {
  const { right, whole, loss, gain } = columns;
  const shares = points.map((own, i): Share<Row> => {
    const errors = loss && gain && { loss: ({ at }: Row) => loss[at][i], gain: ({ at }: Row) => gain[at][i] };
    return { points: own, right: ({ at }) => right[at][i], whole: ({ at }) => whole[at][i], ...errors };
  });
  const rows = rowsOf(clusters);
  return linearScore(shares, rows, clustersOf(rows));
}

function expectEstimate(found: PairedEstimate, wanted: Estimate & { variance: number }) {
  expect(found.value).toBeCloseTo(wanted.value, 9);
  expect(found.variance).toBeCloseTo(wanted.variance, 9);
  expect(found.interval.effective).toBeCloseTo(wanted.effective, 9);
  expect([found.interval.low, found.interval.high]).toEqual(
    wanted.interval.map((one) => expect.closeTo(one, 9)),
  );
  expect(found.interval.method).toBe("bonett-price");
}

describe("intervals worked out by numpy and statsmodels", () => {
  it.each(recorded.scores)("of $name", ({ clusters, points, value, effective, interval, ...columns }) => {
    const score = linearOf(clusters, points, columns);
    expect(score.points * score.part).toBeCloseTo(value, 9);
    expect(score.points).toBe(points.reduce((sum, one) => sum + one));
    expect(score.isEmpty).toBe(false);
    const found = intervalOf(score)!;
    expect(found.effective).toBeCloseTo(effective, 8);
    expect([found.low, found.high]).toEqual(interval.map((one) => expect.closeTo(one, 8)));
  });

  it.each(recorded.pairs)("of two sets of answers, $name", (pair) => {
    const { clusters, points, whole } = pair;
    const [first, second] = [pair.first, pair.second].map((right) =>
      linearOf(clusters, points, { right, whole }),
    );
    expectEstimate(pairedDifference(first, second), pair.difference);
    expectEstimate(pairedRatio(second, first)!, pair.ratio);
  });

  it("of the mean of ratios", () => {
    const ratios = recorded.pairs.map(({ clusters, points, whole, first, second }) => {
      const [one, other] = [first, second].map((right) => linearOf(clusters, points, { right, whole }));
      return pairedRatio(other, one)!;
    });
    expectEstimate(meanRatio(ratios), recorded.mean_ratio);
  });
});

describe("the ends of intervals", () => {
  const one = (...credits: number[]) => {
    const right = credits.map((credit) => [credit]);
    return linearOf(
      credits.map((_, i) => String(i)),
      [100],
      { right, whole: credits.map(() => [1]) },
    );
  };

  it("stay within what a score, a difference and a ratio can be, with the number itself inside", () => {
    expect(pairedDifference(one(1, 1), one(0, 0))).toMatchObject({ value: 100, interval: { high: 100 } });
    expect(pairedDifference(one(0, 0), one(1, 1))).toMatchObject({ value: -100, interval: { low: -100 } });
    const lost = pairedDifference(one(1), one(0)).interval;
    expect(lost.low).toBeLessThan(100);
    expect(pairedRatio(one(0, 1, 0), one(1, 1, 1))!.interval.low).toBe(0);
    for (const count of [1, 3, 24, 49, 103]) {
      expect(wilson(0, count).low).toBe(0);
      expect(wilson(1, count).high).toBe(1);
    }
    for (const share of [0, 0.3, 1]) expect(wilson(share, 0)).toEqual({ low: 0, high: 1 });
  });

  it("are everything where a share has nothing to be a share of", () => {
    // A precision where nobody said "yes": the questions with "no" for a label could still make it wrong.
    const empty = linearOf(["a", "b"], [100], {
      right: [[0], [0]],
      whole: [[0], [0]],
      loss: [[1], [0]],
      gain: [[0], [1]],
    });
    expect(empty).toMatchObject({ isEmpty: true, part: 0, points: 100 });
    expect([...empty.residual, ...empty.spread, ...empty.stake, ...empty.missed, ...empty.had]).toEqual(
      Array(10).fill(0),
    );
    expect(intervalOf(empty)).toEqual({ low: 0, high: 100, method: "wilson", effective: 0 });
  });

  it("are everything where one share of several has nothing to be a share of", () => {
    const found = linearOf(["a", "b"], [50, 50], {
      right: [
        [1, 0],
        [1, 0],
      ],
      whole: [
        [1, 0],
        [1, 0],
      ],
    });
    expect(found).toMatchObject({ isEmpty: true, part: 0.5 });
    expect(intervalOf(found)).toMatchObject({ low: 0, high: 100, effective: 0 });
  });

  it("are everything where nothing could be wrong: a precision where each label is yes", () => {
    const right = [[1], [1]];
    const all = linearOf(["a", "b"], [100], { right, whole: right, loss: [[0], [0]], gain: right });
    expect(all).toMatchObject({ isEmpty: false, part: 1 });
    expect(intervalOf(all)).toEqual({ low: 0, high: 100, method: "wilson", effective: 0 });
    expect(stratifiedVariance(all.residual, all.spread, all.stake, all.stratum)).toBe(0);
  });

  it("count pictures that could only have gained: a yes that was missed, in a precision", () => {
    const { stratum, stake } = linearOf(["a", "b", "c"], [100], {
      right: [[1], [0], [0]],
      whole: [[1], [1], [0]],
      loss: [[0], [1], [0]],
      gain: [[1], [0], [1]],
    });
    expect([...stratum]).toEqual([0, 0, 0]);
    expect([...stake]).toEqual([0.25, 0.25, 0.25]);
  });

  it("are none where no picture has a part, and pictures without one count nothing", () => {
    const nothing = { right: [[0], [0]], whole: [[0], [0]] };
    expect(intervalOf(linearOf(["a", "b"], [100], nothing))).toBeUndefined();
    const half = { right: [[1], [0], [0]], whole: [[1], [1], [0]] };
    const alone = { right: [[1], [0]], whole: [[1], [1]] };
    const [more, less] = [linearOf(["a", "b", "c"], [100], half), linearOf(["a", "b"], [100], alone)];
    expect([...more.stratum]).toEqual([0, 0, -1]);
    expect(intervalOf(more)).toEqual(intervalOf(less));
    expectEstimate(pairedDifference(more, more), {
      ...pairedDifference(less, less),
      effective: 2,
      interval: [pairedDifference(less, less).interval.low, pairedDifference(less, less).interval.high],
    });
  });

  it("of two scores that nothing is known of are everything", () => {
    const none = linearOf(["a"], [100], { right: [[0]], whole: [[0]] });
    const { value, interval } = pairedDifference(none, none);
    expect(value).toBe(0);
    expect([interval.low, interval.high, interval.effective]).toEqual([-100, 100, 0]);
  });
});

describe("what pictures are worth", () => {
  it("is Kish's number, of those with a stake", () => {
    // Kish 1965: (1 + 2 + 3)^2 / (1 + 4 + 9), in stakes that sum to 1.
    const worth = worthOf(Float64Array.of(1 / 6, 0, 2 / 6, 3 / 6));
    expect(worth.pictures).toBeCloseTo(36 / 14, 12);
    expect(worth.square).toBeCloseTo(14 / 36 / 3, 12);
    expect(worth.count).toBe(3);
    expect(worthOf(new Float64Array(2))).toEqual({ pictures: 0, square: 0, count: 0 });
  });

  it("counts how coarse errors are by those that are there", () => {
    expect(coarseness(new Float64Array(3))).toBe(1);
    expect(coarseness(Float64Array.of(0, 0.5, 0.25))).toBeCloseTo((1 + 0.25 + 0.0625) / 3, 12);
  });
});

describe("which verdicts a score is about", () => {
  const verdict = (credit: number, groups: string[], cluster?: string): Verdict => ({
    ...{ questions: [], credit, groups, cluster },
  });
  const all = [verdict(1, ["x"]), verdict(0.5, ["x", "y"]), verdict(0, ["y"]), verdict(0, [])];
  const linear = (score: Partial<Score>, of = all) =>
    linearise({ aggregate: () => ({ headline: full(score), scores: [] }) }, full(score), of, clustersOf(of));
  const full = (score: Partial<Score>): Score => ({
    ...{ name: "overall", value: 37.5, unit: "percent", count: 4, ...score },
  });

  it("is its group where there is one of its name, and all where not", () => {
    expect(linear({})).toMatchObject({ points: 100, part: 0.375, isEmpty: false });
    const x = linear({ name: "x", value: 75, count: 2 })!;
    expect([x.part, [...x.stratum]]).toEqual([0.75, [0, 0, -1, -1]]);
    const y = linear({ name: "y", value: 25, count: 2 })!;
    expect([y.part, [...y.stratum]]).toEqual([0.25, [-1, 0, 0, -1]]);
    expect(linear({ unit: "ratio", value: 0.375 })).toMatchObject({ points: 1, part: 0.375 });
    expect(linear({ count: 0 })).toBeUndefined();
  });

  it("may be off by what two decimals leave out, and by no more", () => {
    const third = [verdict(1, []), verdict(0, []), verdict(0, [])];
    expect(linear({ value: 33.33 }, third)).toBeDefined();
    expect(linear({ value: 33.34 - 0.0019 }, third)).toBeDefined();
    for (const value of [33.32, 33.35, -33.33]) {
      const refused = expect(() => linear({ name: "random/f1", value }, third));
      refused.toThrow(PrumergeError);
      refused.toThrow(expect.objectContaining({ code: "RUNTIME" }));
      refused.toThrow(/random\/f1/);
    }
  });

  it("has its questions put together by picture, and one without a picture on its own", () => {
    const clusters = clustersOf([
      verdict(1, [], "b"),
      verdict(1, []),
      verdict(1, [], "a"),
      verdict(1, []),
      verdict(1, [], "b"),
    ]);
    expect([[...clusters.of], clusters.count]).toEqual([[0, 1, 2, 3, 0], 4]);
  });

  it("leaves out intervals, not scores, where nothing can change the number; the headline comes first and once", () => {
    const [headline, other] = [full({}), full({ name: "none", value: 0, count: 0 })];
    const found = scoreIntervals({ aggregate: () => ({ headline, scores: [other, headline] }) }, all);
    expect(found.map(({ name, interval }) => [name, interval === undefined])).toEqual([
      ["overall", false],
      ["none", true],
    ]);
    const fixed = scoreIntervals({ aggregate: () => ({ headline, scores: [] }), shares: () => [] }, all);
    expect(fixed).toEqual([{ ...headline, interval: undefined }]);
    const refused = { name: "PrumergeError", code: "INVALID_OPTION" };
    expect(() => scoreIntervals({ aggregate: () => ({ headline, scores: [] }) }, [])).toThrow(
      expect.objectContaining(refused),
    );
  });
});
