import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { type GraphReduction, ReductionGraph } from "../../../test/support/in-graph-reduction.js";
import { identity, plainPruMerge } from "../../../test/support/ort.js";
import { floats, readFixture } from "../../../test/support/safetensors.js";
import {
  applyPlan,
  classAttention,
  densePlan,
  type MergePlan,
  pruMerge,
  pruMergePlus,
  type Signals,
} from "../../reduce/index.js";
import type { PruMergeSettings } from "../../reduce/prumerge-settings.js";
import type { Matrix } from "../../tensor/matrix.js";
import { seededRandom } from "../../tensor/random.js";

const graph = new ReductionGraph();
afterAll(() => graph.dispose());

interface Picture {
  readonly rows: number;
  readonly columns: number;
  readonly width: number;
  readonly classToken: boolean;
  readonly seed: number;
  /** 0: all patches attended alike; larger: more and stronger outliers. */
  readonly sharpness: number;
  /** Keys repeat after this many patches, so that similarities tie exactly. */
  readonly period: number;
}

function makeSignals({ rows, columns, width, classToken, seed, sharpness, period }: Picture): Signals {
  const random = seededRandom(seed);
  const patches = rows * columns;
  const tokens = classToken ? patches + 1 : patches;
  const noise = (length: number) => Float32Array.from({ length }, () => random() + random() - 1);
  const keys = noise(tokens * width);
  for (let at = (period + (classToken ? 1 : 0)) * width; at < keys.length; at++)
    keys[at] = keys[at - period * width]!;
  const queries = noise((classToken ? 1 : patches) * width).map((value) => value * sharpness);
  return {
    grid: { rows, columns },
    patches: { rows: patches, columns: width, data: noise(patches * width) },
    keys: { rows: tokens, columns: width, data: keys },
    queries: { rows: classToken ? 1 : patches, columns: width, data: queries },
    classToken,
    heads: 1,
  };
}

/** The plan of the same settings by the planner, over the attention that the graph computed. */
function planned(signals: Signals, settings: PruMergeSettings, attention: Float32Array): MergePlan {
  const { exact, count, spatial, rasterOrder, iqrFactor, neighbours, globalToken } = settings;
  const method = spatial ? pruMergePlus : pruMerge;
  const budget = exact ? { tokens: count } : count > 0 ? { maxTokens: count } : {};
  const order = rasterOrder ? "raster" : "attention";
  const reducer = method({ ...budget, iqrFactor, neighbours, globalToken, order });
  return reducer.plan({ ...signals, classAttention: attention });
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

/** Kept patches and dimensions exactly; weights and tokens within float32's rounding. */
function expectSame(signals: Signals, ours: GraphReduction, plan: MergePlan): void {
  expect(ours.keptPatches).toEqual(Array.from(plan.keptPatches).filter((patch) => patch >= 0));
  const dense = densePlan(plan);
  expect([ours.weights.rows, ours.weights.columns]).toEqual([dense.rows, dense.columns]);
  const moved = movedNeighbours(signals, ours.weights, dense, plan);
  expect(moved).toEqual([]);
  const tokens = applyPlan(plan, signals.patches);
  if (largestDifference(ours.weights.data, dense.data) <= 1e-7) {
    const scale = tokens.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    expect(largestDifference(ours.tokens.data, tokens.data)).toBeLessThanOrEqual(2e-6 * scale);
  }
}

/**
 * Columns in which two Ws differ although the patch is no near-tie for the last place among the neighbours: sums in
 * another order may decide such a tie otherwise.
 */
function movedNeighbours(signals: Signals, ours: Matrix, theirs: Matrix, plan: MergePlan): string[] {
  return Array.from(plan.keptPatches).flatMap((centre, row) => {
    const differing = Array.from({ length: ours.columns }, (_, column) => column).filter(
      (column) =>
        Math.abs(ours.data[row * ours.columns + column]! - theirs.data[row * ours.columns + column]!) > 1e-7,
    );
    if (differing.length === 0) return [];
    const neighbours = plan.offsets[row + 1]! - plan.offsets[row]! - 1;
    if (centre < 0) return [`row ${row}, the global token: ${differing.join(" ")}`];
    const similarities = Array.from({ length: ours.columns }, (_, column) => cosine(signals, centre, column));
    const last = similarities.filter((_, column) => column !== centre).sort((a, b) => b - a)[neighbours - 1]!;
    const moved = differing.filter((column) => !(Math.abs(similarities[column]! - last) < 1e-6));
    return moved.length === 0 ? [] : [`row ${row}: ${moved.join(" ")}, last place ${last}`];
  });
}

function cosine({ keys, classToken }: Signals, a: number, b: number): number {
  const at = (patch: number) => {
    const row = classToken ? patch + 1 : patch;
    return keys.data.subarray(row * keys.columns, (row + 1) * keys.columns);
  };
  const dot = (u: Float32Array, v: Float32Array) => u.reduce((sum, value, i) => sum + value * v[i]!, 0);
  return dot(at(a), at(b)) / Math.sqrt(dot(at(a), at(a)) * dot(at(b), at(b)));
}

const pictures: fc.Arbitrary<Picture> = fc.record({
  rows: fc.integer({ min: 1, max: 8 }),
  columns: fc.integer({ min: 1, max: 8 }),
  width: fc.constantFrom(1, 3, 16),
  classToken: fc.boolean(),
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  sharpness: fc.constantFrom(0, 1, 8, 60),
  period: fc.constantFrom(1, 3, 1000),
});

const settings = (patches: number): fc.Arbitrary<PruMergeSettings> =>
  fc
    .record({
      exact: fc.boolean(),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      capped: fc.boolean(),
      iqrFactor: fc.constantFrom(0, 0.5, 1.5, 3),
      neighbours: fc.integer({ min: 0, max: Math.max(0, patches - 1) }),
      spatial: fc.boolean(),
      globalToken: fc.boolean(),
      rasterOrder: fc.boolean(),
    })
    .map(({ share, capped, ...rest }) => {
      const most = patches + (rest.globalToken ? 1 : 0);
      const count = rest.exact || capped ? 1 + Math.round(share * (most - 1)) : 0;
      return { ...rest, count };
    });

describe("the graph gives the planner's plan", () => {
  test("for made-up signals and any settings", async () => {
    const cases = pictures.chain((picture) =>
      fc.tuple(fc.constant(picture), settings(picture.rows * picture.columns)),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([picture, chosen]) => {
        const signals = makeSignals(picture);
        const ours = await graph.reduce(signals, chosen);
        expectSame(signals, ours, planned(signals, chosen, ours.classAttention));
      }),
      { numRuns: 400 },
    );
  });

  const large: Picture = {
    rows: 24,
    columns: 24,
    width: 64,
    classToken: true,
    seed: 7,
    sharpness: 6,
    period: 1000,
  };
  const variations: [string, Partial<Picture>, Partial<PruMergeSettings>][] = [
    ["the adaptive rule", {}, {}],
    ["the adaptive rule with spatial samples", {}, { spatial: true }],
    ["a cap that binds", {}, { spatial: true, count: 20 }],
    ["a cap that does not bind", {}, { spatial: true, count: 577 }],
    ["an exact count", {}, { exact: true, count: 64 }],
    ["an exact count with spatial samples", {}, { exact: true, count: 64, spatial: true }],
    ["an exact count in raster order", {}, { exact: true, count: 145, spatial: true, rasterOrder: true }],
    ["no outlier", { sharpness: 0 }, {}],
    ["no outlier with spatial samples", { sharpness: 0 }, { spatial: true }],
    ["no outlier under a cap below 17", { sharpness: 0 }, { spatial: true, count: 9 }],
    ["no outlier and no global token", { sharpness: 0 }, { globalToken: false }],
    ["the global token alone", {}, { exact: true, count: 1 }],
    ["everything and the global token", {}, { exact: true, count: 577 }],
    ["all others as neighbours", {}, { exact: true, count: 33, neighbours: 575 }],
    ["outliers everywhere", {}, { iqrFactor: 0, spatial: true }],
    ["a mean over all queries", { classToken: false }, { spatial: true }],
    [
      "27 x 27 patches",
      { rows: 27, columns: 27, classToken: false, sharpness: 20 },
      { spatial: true, count: 145 },
    ],
  ];
  test.each(variations)("%s, at full size", async (_, picture, change) => {
    const signals = makeSignals({ ...large, ...picture });
    const chosen = { ...plainPruMerge, ...change };
    const ours = await graph.reduce(signals, chosen);
    const attention = classAttention(signals);
    const drift = attention.reduce(
      (most, a, i) => Math.max(most, Math.abs(ours.classAttention[i]! / a - 1)),
      0,
    );
    expect(drift).toBeLessThan(2e-6);
    expectSame(signals, ours, planned(signals, chosen, ours.classAttention));
  });

  test("the identity gives the patches bit by bit", async () => {
    const signals = makeSignals(large);
    const ours = await graph.reduce(signals, identity(576));
    expect(ours.tokens.data).toEqual(signals.patches.data);
    expect(ours.keptPatches).toEqual(Array.from({ length: 576 }, (_, patch) => patch));
  });

  test("ties go to the lowest index, in attention and in similarity", async () => {
    const signals = makeSignals({ ...large, sharpness: 0, period: 1 });
    const ours = await graph.reduce(signals, { ...plainPruMerge, exact: true, count: 4, neighbours: 2 });
    expect(ours.keptPatches).toEqual([0, 1, 2]);
    const near = [0, 1, 2].map((row) =>
      [...ours.weights.data.subarray(row * 576, (row + 1) * 576).entries()]
        .filter(([column, weight]) => weight !== 0 && column !== row)
        .map(([column]) => column),
    );
    expect(near).toEqual([
      [1, 2],
      [0, 2],
      [0, 1],
    ]);
  });

  test("keys of length zero are no reason for NaN", async () => {
    const signals = makeSignals(large);
    signals.keys.data.fill(0, 64, 64 * 40);
    const ours = await graph.reduce(signals, { ...plainPruMerge, exact: true, count: 100 });
    expect(ours.tokens.data.every(Number.isFinite)).toBe(true);
    expectSame(
      signals,
      ours,
      planned(signals, { ...plainPruMerge, exact: true, count: 100 }, ours.classAttention),
    );
  });
});

describe("recorded runs of the SigLIP port", () => {
  const folder = new URL("../../../test/fixtures/siglip/", import.meta.url);
  const inputs = readFixture(new URL("e64a.inputs.safetensors", folder));
  const recorded = readFixture(new URL("e64a.expected.safetensors", folder));
  const matrix = (name: string): Matrix => ({ rows: 64, columns: 24, data: floats(inputs, name) });
  const signals: Signals = {
    grid: { rows: 8, columns: 8 },
    patches: matrix("x"),
    keys: matrix("k"),
    queries: matrix("q"),
    classToken: false,
    heads: 1,
  };

  test("mean attention over all queries", async () => {
    const { classAttention: score } = await graph.reduce(signals, plainPruMerge);
    const expected = floats(recorded, "e64a-b0.05.score");
    const drift = expected.reduce((most, a, i) => Math.max(most, Math.abs(score[i]! / a - 1)), 0);
    expect(drift).toBeLessThan(1e-5);
  });

  test("below the outlier count, where the port's choice is ours, tokens are equal", async () => {
    // Three kept patches and the global token.
    const ours = await graph.reduce(signals, { ...plainPruMerge, exact: true, count: 4 });
    const expected = floats(recorded, "e64a-b0.05.out");
    const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largestDifference(ours.tokens.data, expected)).toBeLessThan(1e-5 * scale);
  });
});
