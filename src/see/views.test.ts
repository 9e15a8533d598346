import { describe, expect, it } from "vitest";
import { smallLlavaSpec } from "../../test/support/small-llava.js";
import type { LlavaNextSpec } from "../families/llava-next/spec.js";
import type { PixelValues } from "../image/picture.js";
import type { GraphReduction } from "../reduce/graph-program.js";
import { cover, noReduction, pruMerge, type Reducer, uniformSampling } from "../reduce/index.js";
import type { Matrix } from "../tensor/matrix.js";
import { RememberedSight } from "./remembered-sight.js";
import { seePixels } from "./see.js";
import type { SeeingEngine } from "./see-region.js";

/** Views of 2 x 2 patches; `picture` as high as wide shows in the middle two columns of two tiles' four. */
const small = smallLlavaSpec();
const spec: LlavaNextSpec = {
  ...small,
  family: "llava-next",
  selectStrategy: "default",
  unpad: "hugging-face",
  vision: { ...small.vision, imageSize: 28, patchSize: 14, hiddenSize: 2, heads: 1 },
};
const { layers, keyValueHeads, headDim } = small.language;
const tokenBytes = 2 * layers * keyValueHeads * headDim * 4;

function pixelsOf(width: number, height: number, tiles: PixelValues["tiles"]): PixelValues {
  const picture = { width, height };
  const count = 1 + (tiles === undefined ? 0 : tiles.rows * tiles.columns);
  return {
    views: Array.from({ length: count }, (_, view) => ({
      data: Float32Array.of(view),
      height: 28,
      width: 28,
      rectangle: { x: 0, y: 0, ...picture },
      frame: 0,
    })),
    picture,
    ...(tiles !== undefined && { tiles }),
  };
}
const square = pixelsOf(100, 100, { rows: 1, columns: 2 });
const thin = pixelsOf(1000, 10, { rows: 1, columns: 2 });

const matrix = (rows: number, columns: number, value: (row: number, column: number) => number): Matrix => ({
  rows,
  columns,
  data: Float32Array.from({ length: rows * columns }, (_, i) => value(Math.floor(i / columns), i % columns)),
});

/** Patch i of view v is [10 v + i, 1], and comes out of the projector with 1000 added to the first. */
function engineOf(rows = 4) {
  const calls: { view: number; reduction: GraphReduction; want: object }[] = [];
  const projected: number[][] = [];
  const engine: SeeingEngine = {
    vision: { kind: "reduces" },
    async see({ data }, reduction, want = {}) {
      const [view] = data as unknown as [number];
      calls.push({ view, reduction, want });
      const count = reduction === "identity" ? rows : (reduction.settings.count as number);
      return {
        features: matrix(count, 2, (row, column) => (column === 0 ? 1000 + 10 * view + row : 1)),
        keptPatches: Int32Array.from({ length: count }, (_, i) => i),
        milliseconds: 1,
        ...(want.mergeWeights && { mergeWeights: matrix(count, 4, (row, column) => Number(row === column)) }),
        ...(want.patches && { patches: matrix(4, 2, (row, column) => (column === 0 ? 10 * view + row : 1)) }),
        ...((want.everyLayer || want.layers?.includes(-1)) && {
          lastLayer: {
            keys: matrix(5, 2, (row) => row),
            queries: matrix(1, 2, () => 1),
            classAttention: Float32Array.of(0.4, 0.3, 0.2, 0.1),
          },
        }),
        ...(want.newline && { newline: Float32Array.of(-5, -6) }),
      };
    },
    async project(tokens) {
      projected.push([...tokens.data]);
      return matrix(tokens.rows, 2, (row, column) => (column === 0 ? 1000 + tokens.data[2 * row]! : 1));
    },
  };
  return { engine, calls, projected };
}

const firsts = ({ data, columns }: Matrix) => [...data].filter((_, i) => i % columns === 0);

describe("several views, unreduced", () => {
  it("are put in the prompt's order, with the newline behind each line, and counted with it", async () => {
    const { engine, calls } = engineOf();
    const seen = await seePixels(engine, spec, square, noReduction(), false);
    expect(firsts(seen.embeddings)).toEqual([1000, 1001, 1002, 1003, 1011, 1020, -5, 1013, 1022, -5]);
    expect([...seen.embeddings.data.slice(12, 14)]).toEqual([-5, -6]);
    expect([...seen.origin]).toEqual([0, 1, 2, 3, 4, 5, -1, 6, 7, -1]);
    expect([...seen.plan.keptPatches]).toEqual([0, 1, 2, 3, 5, 8, 7, 10]);
    expect(seen.statistics).toMatchObject({ unreducedTokens: 10, visualTokens: 10, inGraph: true });
    expect(seen.statistics.unreducedKeyValueBytes).toBe(10 * tokenBytes);
    expect(calls).toEqual(
      [0, 1, 2].map((view) => ({ view, reduction: "identity", want: { newline: true } })),
    );
    expect(seen).not.toHaveProperty("signals");
    expect(seen.sites.regions.map(({ first }) => first)).toEqual([0, 4, 8]);
  });

  it("are not encoded where they show nothing, but for their signals", async () => {
    const { engine, calls } = engineOf();
    const seen = await seePixels(engine, spec, thin, noReduction(), false);
    expect(calls).toEqual([{ view: 0, reduction: "identity", want: {} }]);
    expect(firsts(seen.embeddings)).toEqual([1000, 1001, 1002, 1003]);
    const again = engineOf();
    const { signals } = await seePixels(again.engine, spec, thin, noReduction(), true);
    expect(signals!.map((one) => one!.patches.data[0])).toEqual([0, 10, 20]);
    expect(signals!.map((one) => one!.projected!.data[0])).toEqual([1000, 1010, 1020]);
    expect(again.calls[0]!.want).toEqual({ patches: true, everyLayer: true });
  });

  it("stand where they would anyway", async () => {
    const whole = await seePixels(engineOf().engine, spec, square, noReduction(), false, {
      positions: "original",
    });
    expect(whole).not.toHaveProperty("place");
  });

  it("are refused as frames of a video, which this model does not take", async () => {
    const { engine, calls } = engineOf();
    const video = { ...pixelsOf(100, 100, undefined), frames: 1 };
    await expect(seePixels(engine, spec, video, noReduction(), false)).rejects.toThrow(
      /shown no video.*found llava-next/,
    );
    expect(calls).toEqual([]);
  });

  it("are refused where an encoder gives another number of rows", async () => {
    await expect(seePixels(engineOf(5).engine, spec, square, noReduction(), false)).rejects.toThrow(
      /another number of visual tokens; expected 4, as its configuration says, found 5/,
    );
  });
});

it("views are run once for two ways of seeing them, where runs are kept", async () => {
  const { engine, calls } = engineOf();
  const sight = new RememberedSight().over(engine);
  for (const tokens of [4, 3]) await seePixels(sight, spec, square, uniformSampling({ tokens }), false);
  expect(calls.map(({ view }) => view)).toEqual([0, 1, 2]);
});

describe("one view of a model with tiles", () => {
  const flat = pixelsOf(100, 100, undefined);

  it("ends with the separator, unreduced", async () => {
    const seen = await seePixels(engineOf().engine, spec, flat, noReduction(), false);
    expect(firsts(seen.embeddings)).toEqual([1000, 1001, 1002, 1003, -5]);
    expect(seen.statistics).toMatchObject({ unreducedTokens: 5, views: [{ patches: 4, visualTokens: 4 }] });
  });

  it.each<[string, Reducer]>([
    ["planned", uniformSampling({ tokens: 3 })],
    ["in the graph", pruMerge({ tokens: 3, globalToken: false, neighbours: 1 })],
  ])("keeps it when reduced, counted: %s", async (_, reducer) => {
    const options = { positions: "original" } as const;
    const seen = await seePixels(engineOf().engine, spec, flat, reducer, true, options);
    expect(seen.embeddings.rows).toBe(3);
    expect([...seen.origin]).toEqual([0, 1, -1]);
    expect(firsts(seen.embeddings).at(-1)).toBe(-5);
    expect(seen.plan.keptPatches).toHaveLength(2);
    expect([...seen.place!.at]).toEqual([...seen.plan.keptPatches, 4]);
    expect(seen.place!.advance).toBe(5);
    expect(seen.statistics).toMatchObject({
      unreducedTokens: 5,
      visualTokens: 3,
      views: [{ patches: 4, visualTokens: 2 }],
    });
  });

  it("needs room for a row beside it", async () => {
    const one = uniformSampling({ tokens: 1 });
    await expect(seePixels(engineOf().engine, spec, flat, one, false)).rejects.toThrow(
      /own rows beside the patches' take 1.*expected 2 or more/,
    );
    const all = await seePixels(engineOf().engine, spec, flat, uniformSampling({ tokens: 5 }), false);
    expect(firsts(all.embeddings)).toEqual([1000, 1001, 1002, 1003, -5]);
  });
});

describe("several views, reduced", () => {
  it("share a count; what is handed on comes from behind the projector, without padding", async () => {
    const { engine, calls, projected } = engineOf();
    const seen = await seePixels(engine, spec, square, uniformSampling({ tokens: 4 }), false);
    // 4, 2 and 2 of 8 patches: two, one and one.
    expect(seen.embeddings.rows).toBe(4);
    expect([...seen.plan.keptPatches].map((site) => Math.floor(site / 4))).toEqual([0, 0, 1, 2]);
    expect(firsts(seen.embeddings)).toEqual(
      [...seen.plan.keptPatches].map((site) => 1000 + 10 * Math.floor(site / 4) + (site % 4)),
    );
    expect([5, 7]).toContain(seen.plan.keptPatches[2]);
    expect([8, 10]).toContain(seen.plan.keptPatches[3]);
    expect(projected).toEqual([]);
    expect(calls.map(({ want }) => want)).toEqual(Array(3).fill({ patches: true, layers: [] }));
    expect(seen.statistics).toMatchObject({ visualTokens: 4, unreducedTokens: 10, inGraph: false });
    expect([...seen.origin]).toEqual([0, 1, 2, 3]);
  });

  it("are reduced in the graph where all is picture, and planned without the padding where not", async () => {
    const { engine, calls, projected } = engineOf();
    const reducer = pruMerge({ tokens: 4, globalToken: false, neighbours: 1 });
    const seen = await seePixels(engine, spec, square, reducer, false);
    expect(
      calls.map(({ view, reduction }) => [view, reduction === "identity" ? reduction : reduction.name]),
    ).toEqual(
      [[0, "prumerge"], [1, "identity"], [2, "identity"]], // biome-ignore format: views
    );
    expect(calls[0]).toMatchObject({ reduction: { settings: { count: 2 } }, want: { mergeWeights: true } });
    expect(calls[1]!.want).toEqual({ patches: true, layers: [-1] });
    // Each of the padded views keeps one of its two patches, and merges the other in.
    expect(projected).toHaveLength(2);
    expect(seen.plan.patches).toBe(12);
    expect([...seen.plan.columns.slice(seen.plan.offsets[2])].sort((a, b) => a - b)).toEqual([5, 7, 8, 10]);
    expect(seen.statistics.inGraph).toBe(false);
  });

  it("stay as they are where they may keep all they have", async () => {
    const { engine, calls } = engineOf();
    const seen = await seePixels(engine, spec, square, pruMerge({ tokens: 8 }), false);
    expect(calls).toEqual([0, 1, 2].map((view) => ({ view, reduction: "identity", want: {} })));
    expect([...seen.plan.keptPatches]).toEqual([0, 1, 2, 3, 5, 7, 8, 10]);
    expect(firsts(seen.embeddings)).toEqual([1000, 1001, 1002, 1003, 1011, 1013, 1020, 1022]);
  });

  it("are not encoded where nothing of the count is left to them", async () => {
    const { engine, calls } = engineOf();
    const seen = await seePixels(engine, spec, square, uniformSampling({ tokens: 1 }), true);
    expect(calls.map(({ view }) => view)).toEqual([0]);
    expect(seen.statistics.views).toEqual([
      { patches: 4, visualTokens: 1 },
      { patches: 2, visualTokens: 0 },
      { patches: 2, visualTokens: 0 },
    ]);
  });

  it("give no row where they show nothing, and one view alone nothing of the others", async () => {
    const { engine, calls } = engineOf();
    const seen = await seePixels(engine, spec, thin, pruMerge({ maxTokens: 3 }), true);
    expect(calls.map(({ view }) => view)).toEqual([0]);
    expect(calls[0]).toMatchObject({ want: { mergeWeights: true, patches: true, everyLayer: true } });
    expect(seen.signals!.map((one) => one !== undefined)).toEqual([true, false, false]);
    expect(seen.statistics).toMatchObject({ inGraph: true, unreducedTokens: 4 });
  });

  it("stand at their patches' positions, and the text behind all of the unreduced prompt", async () => {
    const options = { positions: "original" } as const;
    const { engine } = engineOf();
    const seen = await seePixels(engine, spec, square, pruMerge({ tokens: 8 }), false, options);
    expect(seen.place!.advance).toBe(10);
    expect([...seen.place!.at]).toEqual([0, 1, 2, 3, 4, 7, 5, 8]);
    expect(seen.statistics.positions).toBe("original");
    const far = await seePixels(engineOf().engine, spec, square, pruMerge({ tokens: 8 }), false, {
      positions: "far",
    });
    expect(far.place!.advance).toBe(10);
    expect([...far.place!.at]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(far.statistics.positions).toBe("far");
    const apart = await seePixels(engineOf().engine, spec, square, pruMerge({ tokens: 8 }), false);
    expect(apart).not.toHaveProperty("place");
    expect(apart.statistics).not.toHaveProperty("positions");
  });

  it("weigh by what they stand for, where the method says so and nobody declines", async () => {
    const flat = pixelsOf(100, 100, undefined);
    const seen = await seePixels(engineOf().engine, spec, flat, cover({ tokens: 2 }), false);
    // The second row is the separator behind the picture.
    expect(seen.bias).toEqual(Float32Array.of(Math.log(4), 0));
    const options = { bias: false };
    expect(
      await seePixels(engineOf().engine, spec, flat, cover({ tokens: 2 }), false, options),
    ).not.toHaveProperty("bias");
    expect(await seePixels(engineOf().engine, spec, flat, pruMerge({ tokens: 2 }), false)).not.toHaveProperty(
      "bias",
    );
  });

  it("are planned whole outside of the graph where a reducer has no form in it, signals handed back", async () => {
    const { engine, calls, projected } = engineOf();
    const mean: Reducer = {
      method: "mean",
      budget: { kind: "rule" },
      options: {},
      plan: ({ patches }) => ({
        patches: patches.rows,
        keptPatches: Int32Array.of(-1),
        offsets: Int32Array.of(0, patches.rows),
        columns: Int32Array.from({ length: patches.rows }, (_, at) => at),
        weights: new Float32Array(patches.rows).fill(1 / patches.rows),
      }),
    };
    const seen = await seePixels(engine, spec, square, mean, true);
    expect(projected).toEqual([[1.5, 1], [12, 1], [21, 1]]); // biome-ignore format: views
    expect(firsts(seen.embeddings)).toEqual([1001.5, 1012, 1021]);
    expect(seen.signals!.map((one) => one!.patches.rows)).toEqual([4, 4, 4]);
    expect(calls[0]!.want).toEqual({ patches: true, layers: [-1], everyLayer: true });
  });
});
