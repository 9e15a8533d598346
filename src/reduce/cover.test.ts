import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkPlan } from "./check-plan.js";
import { nearestCentre } from "./cluster-means.js";
import { coverRows } from "./covering-rows.js";
import { farthestRows } from "./farthest-rows.js";
import { meanDistance } from "./mean-distance.js";
import { cover } from "./methods/cover.js";
import { pruMerge } from "./methods/prumerge.js";
import { oneHotRows } from "./one-hot.js";
import { rowSizes } from "./row-sizes.js";
import { gatherSignals } from "./signals.js";

const grid = { rows: 3, columns: 4 };
const matrix = (rows: number, columns: number, value: (i: number) => number) => ({
  rows,
  columns,
  data: Float32Array.from({ length: rows * columns }, (_, i) => value(i)),
});

function signalsOf(projected: ReturnType<typeof matrix>) {
  const others = { grid, patches: matrix(12, 2, Math.sin), classToken: false, heads: 1, projected };
  return gatherSignals(others, undefined);
}

/** The rule, worked out pair by pair. */
function derive(rows: number[][], count: number): { centres: number[]; clusters: number[][] } {
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, c) => sum + value * b[c]!, 0);
  const cosine = (a: number[], b: number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  const apart = (a: number, b: number) => 1 - cosine(rows[a]!, rows[b]!);
  const all = rows.map((_, at) => at);
  const farthest = (from: (at: number) => number[], among: number[]) =>
    among.reduce((best, at) => {
      const reach = (each: number) => Math.min(...from(each).map((other) => apart(each, other)));
      return reach(at) > reach(best) ? at : best;
    });
  const centres = [farthest((at) => all.filter((other) => other !== at), all)];
  while (centres.length < count)
    centres.push(
      farthest(
        () => centres,
        all.filter((at) => !centres.includes(at)),
      ),
    );
  const square = (a: number, b: number) =>
    rows[a]!.reduce((sum, value, c) => sum + (value - rows[b]![c]!) ** 2, 0);
  const home = all.map((at) =>
    centres.includes(at)
      ? at
      : centres.reduce((best, centre) => (square(at, centre) < square(at, best) ? centre : best)),
  );
  const raster = [...centres].sort((a, b) => a - b);
  return { centres, clusters: raster.map((centre) => all.filter((at) => home[at] === centre)) };
}

describe("cover", () => {
  test("is the rule, worked out pair by pair", () => {
    const values = fc.array(fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 3, maxLength: 3 }), {
      minLength: 12,
      maxLength: 12,
    });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 12 }), (drawn, count) => {
        // Apart from each other, so that rounding decides nothing.
        const rows = drawn.map((row, at) =>
          row.map((value, c) => value + 0.37 * Math.sin(7 * at + c) + 0.11),
        );
        const signals = signalsOf(matrix(12, 3, (i) => Math.fround(rows[Math.floor(i / 3)]![i % 3]!)));
        const plan = cover({ tokens: count }).plan(signals);
        const exact = rows.map((row) => row.map(Math.fround));
        const { clusters } = derive(exact, count);
        expect(() => checkPlan(plan)).not.toThrow();
        const ours = clusters.map((_, row) => [
          ...plan.columns.slice(plan.offsets[row], plan.offsets[row + 1]),
        ]);
        expect(ours.map((columns) => columns.sort((a, b) => a - b))).toEqual(clusters);
        clusters.forEach((members, row) => {
          expect(plan.weights[plan.offsets[row]!]).toBe(Math.fround(1 / members.length));
        });
      }),
      { numRuns: 60 },
    );
  });

  test("takes as many centres as it needs to be near every patch, up to a cap", () => {
    for (let seed = 1; seed <= 30; seed++) {
      const signals = signalsOf(matrix(12, 3, (i) => Math.sin(7.3 * i * seed + seed)));
      const { data } = signals.projected!;
      const rows = Array.from({ length: 12 }, (_, at) => [...data.subarray(3 * at, 3 * at + 3)]);
      const order = derive(rows, 12).centres;
      const cosine = (a: number, b: number) => {
        const dot = (x: number[], y: number[]) => x.reduce((sum, value, c) => sum + value * y[c]!, 0);
        return dot(rows[a]!, rows[b]!) / Math.sqrt(dot(rows[a]!, rows[a]!) * dot(rows[b]!, rows[b]!));
      };
      const isNear = (count: number, reach: number) =>
        rows.every((_, at) => order.slice(0, count).some((centre) => 1 - cosine(at, centre) <= reach));
      for (const reach of [0, 0.05, 0.3, 1, 2]) {
        const plan = cover({ reach }).plan(signals);
        const count = order.findIndex((_, at) => isNear(at + 1, reach)) + 1;
        expect(plan).toEqual(cover({ tokens: count, reach }).plan(signals));
        for (const maxTokens of [1, 3, 50])
          expect(cover({ maxTokens, reach }).plan(signals)).toEqual(
            cover({ tokens: Math.min(count, maxTokens) }).plan(signals),
          );
      }
    }
    // One of all that is alike.
    expect([...cover({ reach: 0 }).plan(signalsOf(matrix(12, 2, () => 1))).keptPatches]).toEqual([0]);
  });

  test("ends by the mean distance of two patches too, so that no model's scale decides", () => {
    for (let seed = 1; seed <= 20; seed++) {
      // Rows that have the more in common, the nearer they all are: another scale of the same picture.
      const rows = (common: number) =>
        signalsOf(matrix(12, 3, (i) => Math.sin(7.3 * i * seed + seed) + (i % 3 === 0 ? common : 0)));
      for (const common of [0, 3, 30]) {
        const signals = rows(common);
        const { data } = signals.projected!;
        const unit = Array.from({ length: 12 }, (_, at) => {
          const row = [...data.subarray(3 * at, 3 * at + 3)];
          const length = Math.hypot(...row);
          return row.map((value) => value / length);
        });
        const pairs = unit.flatMap((a, i) =>
          unit.slice(i + 1).map((b) => 1 - a.reduce((sum, value, c) => sum + value * b[c]!, 0)),
        );
        const mean = pairs.reduce((sum, distance) => sum + distance, 0) / pairs.length;
        expect(meanDistance(signals.projected!)).toBeCloseTo(mean, 9);
        for (const relativeReach of [0.3, 0.7]) {
          const alone = cover({ reach: relativeReach * mean }).plan(signals);
          expect(cover({ reach: 0, relativeReach }).plan(signals)).toEqual(alone);
          // The larger of the two counts.
          expect(cover({ reach: 2, relativeReach }).plan(signals).keptPatches.length).toBe(1);
          expect(cover({ reach: mean, relativeReach }).plan(signals)).toEqual(
            cover({ reach: mean }).plan(signals),
          );
        }
        expect(cover({ maxTokens: 50 }).plan(signals)).toEqual(
          cover({ reach: Math.max(0.1, 0.5 * mean) }).plan(signals),
        );
      }
    }
    expect(meanDistance(matrix(1, 3, () => 1))).toBe(0);
    expect(meanDistance(matrix(2, 1, (i) => i))).toBe(1); // a row of zeros is at 1 from all
  });

  test("has one reach where one is named, and records of exact counts have no more", () => {
    expect(cover({ reach: 0.3 }).options).toEqual({ reach: 0.3, relativeReach: 0, sizeBias: true });
    expect(cover({ relativeReach: 0.4 }).options).toEqual({ reach: 0.1, relativeReach: 0.4, sizeBias: true });
    expect(cover({ maxTokens: 9 }).options).toMatchObject({ reach: 0.1, relativeReach: 0.5 });
    expect(cover({ tokens: 9 }).options).toEqual({ reach: 0.1, sizeBias: true, tokens: 9 });
    for (const relativeReach of [-0.1, 2.1, Number.NaN, "0.1"])
      expect(() => cover({ relativeReach } as never)).toThrow(/relativeReach.*a number from 0 to 2/);
    // The graph knows of one reach.
    const room = { exact: false, count: 9 };
    expect(cover({ maxTokens: 9 }).inGraph?.(12, room)).toBeUndefined();
    expect(cover({ maxTokens: 9 }).inGraph?.(12, { exact: true, count: 9 })).toBeDefined();
  });

  test("has the adaptive rule where a cap or a reach is named, and refuses a reach out of range", () => {
    expect(cover({ reach: 0.3 }).budget).toEqual({ kind: "rule" });
    expect(cover({ maxTokens: 9 }).budget).toEqual({ kind: "cap", rows: 9 });
    expect(cover({ reach: 0.3, tokens: 9 }).budget).toEqual({ kind: "exact", rows: 9 });
    for (const reach of [-0.1, 2.1, Number.NaN, "0.1"])
      expect(() => cover({ reach } as never)).toThrow(/reach.*a number from 0 to 2/);
    const { inGraph } = cover({ maxTokens: 9, reach: 0.3 });
    expect(inGraph?.(12, { exact: false, count: 9 })).toEqual({
      name: "cover",
      settings: { exact: false, count: 9, reach: 0.3 },
    });
  });

  test("keeps a centre in its own cluster, also where it equals another", () => {
    const plan = cover({ tokens: 5 }).plan(signalsOf(matrix(12, 2, () => 1)));
    expect(() => checkPlan(plan)).not.toThrow();
    expect([...plan.keptPatches]).toEqual([0, 1, 2, 3, 4]);
    expect([...rowSizes(plan)]).toEqual([8, 1, 1, 1, 1]);
  });

  test("refuses to plan without projected rows, and options that it does not have", () => {
    const { projected: _, ...bare } = signalsOf(matrix(12, 2, Math.cos));
    expect(() => cover({ tokens: 2 }).plan(gatherSignals(bare, undefined))).toThrow(
      /projected: .*what was not gathered/,
    );
    expect(() => cover({ neighbours: 1 } as never)).toThrow(/neighbours/);
    expect(() => cover({ sizeBias: "yes" } as never)).toThrow(/sizeBias/);
    expect(cover({ sizeBias: false })).not.toHaveProperty("rowBias");
    expect(cover()).toMatchObject({ rowBias: "size", budget: { kind: "exact", rows: 64 } });
  });
});

describe("farthest points", () => {
  test("begin with the loneliest, and take the lowest of equal ones", () => {
    // Three directions: two along x, two along y, one alone.
    const rows = { rows: 5, columns: 3, data: Float32Array.of(1, 0, 0, 2, 0, 0, 0, 1, 0, 0, 3, 0, 0, 0, 1) };
    expect([...farthestRows(rows, 5)]).toEqual([4, 0, 2, 1, 3]);
  });
});

describe("covering rows", () => {
  test("chooses as farthest points do, with every row at the nearest of them", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const rows = matrix(50, 5, (i) => Math.sin(3.1 * i * seed) + (i % 7 === 0 ? seed / 9 : 0));
      for (const count of [1, 2, 9, 50]) {
        const { centres, home } = coverRows(rows, count);
        expect([...centres]).toEqual([...farthestRows(rows, count)]);
        expect([...home]).toEqual([...nearestCentre(rows, centres)]);
      }
    }
  });
});

describe("what rows stand for", () => {
  test("is counted: means by their patches, patches as one", () => {
    expect([...rowSizes(oneHotRows(4, Int32Array.of(3, 1)))]).toEqual([1, 1]);
    const mean = { ...oneHotRows(4, Int32Array.of(0)), offsets: Int32Array.of(0, 4) };
    const columns = Int32Array.of(0, 1, 2, 3);
    const weights = new Float32Array(4).fill(0.25);
    expect([...rowSizes({ ...mean, columns, weights })]).toEqual([4]);
    expect([...rowSizes({ ...mean, columns, weights: new Float32Array(4) })]).toEqual([1]); // a row of nothing
  });

  test("is little more than one for PruMerge's rows, whose neighbours weigh little", () => {
    const signals = gatherSignals(
      { grid, patches: matrix(12, 2, Math.sin), classToken: true, heads: 1 },
      { keys: matrix(13, 2, Math.cos), queries: matrix(1, 2, () => 1) },
    );
    const sizes = rowSizes(pruMerge({ tokens: 4, globalToken: false, neighbours: 3 }).plan(signals));
    for (const size of sizes) expect(size).toBeGreaterThan(1);
  });
});
