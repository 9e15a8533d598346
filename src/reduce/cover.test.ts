import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkPlan } from "./check-plan.js";
import { farthestRows } from "./farthest-rows.js";
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
