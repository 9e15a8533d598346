import { describe, expect, it } from "vitest";
import { smallLlavaSpec } from "../../test/support/small-llava.js";
import { squarePixels } from "../../test/support/square-pixels.js";
import type { SquareModelSpec } from "../models/spec.js";
import type { GraphReduction } from "../reduce/graph-program.js";
import {
  checkPlan,
  densePlan,
  gridPooling,
  isUnknownPlan,
  noReduction,
  pruMerge,
  sequentialSampling,
  smallerPicture,
  visionZip,
} from "../reduce/index.js";
import type { Reducer } from "../reduce/reducer.js";
import type { Signals } from "../reduce/signals.js";
import type { Matrix } from "../tensor/matrix.js";
import { seePixels } from "./see.js";
import type { SeeingEngine } from "./see-region.js";

/** Sees nothing, as one whose reduction is baked in. */
const engine = {
  vision: { kind: "baked", tokens: 2 },
  see: async () => ({
    features: { rows: 2, columns: 1, data: new Float32Array(2) },
    keptPatches: new Int32Array(),
    milliseconds: 0,
  }),
} as unknown as SeeingEngine;

async function viewOf(imageSize: number, patchSize: number) {
  const spec: SquareModelSpec = smallLlavaSpec();
  const vision = { ...spec.vision, imageSize, patchSize };
  const place = { x: 30, y: -20, width: 2 * imageSize, height: 3 * imageSize };
  const pixels = squarePixels(new Float32Array(), imageSize, place);
  const { sites } = await seePixels(engine, { ...spec, vision }, pixels, noReduction(), false);
  return sites.regions[0]!.rectangle;
}

it("tells the rectangle that the patches cover, where a whole number of them does not fill the square", async () => {
  // SigLIP so400m: 27 patches of 14 pixels, and 6 pixels that no patch covers.
  expect(await viewOf(384, 14)).toEqual({ x: 30, y: -20, width: 2 * 378, height: 3 * 378 });
  expect(await viewOf(336, 14)).toEqual({ x: 30, y: -20, width: 2 * 336, height: 3 * 336 });
});

/** A tower of 36 patches, of width 2: patch i is [i, 0] and comes out of the projector as [100 + i, 0, 0]; the class token as [99, 0, 0]. */
describe("what is seen", () => {
  const small = smallLlavaSpec();
  const sizes = { imageSize: 84, patchSize: 14, hiddenSize: 2, heads: 1 };
  const specOf = (selectStrategy: "default" | "full"): SquareModelSpec => ({
    ...small,
    selectStrategy,
    vision: { ...small.vision, ...sizes },
  });
  const patches = 36;
  const pixels = squarePixels(new Float32Array(3), 84);
  const matrix = (rows: number, columns: number, first: (row: number) => number): Matrix => ({
    rows,
    columns,
    data: Float32Array.from({ length: rows * columns }, (_, i) =>
      i % columns === 0 ? first(i / columns) : 0,
    ),
  });
  const firsts = ({ data, columns }: Matrix) => [...data].filter((_, i) => i % columns === 0);
  // Keys and values of every layer, float32.
  const { layers, keyValueHeads, headDim } = small.language;
  const tokenBytes = 2 * layers * keyValueHeads * headDim * 4;

  /** Ours reduces in its graph; another exporter's gives all rows that it has and nothing else. */
  function engineOf(lead: 0 | 1, ours = true) {
    const calls: { reduction: GraphReduction; want: object | undefined }[] = [];
    const engine: SeeingEngine = {
      vision: { kind: ours ? "reduces" : "encodes" },
      async see(_, reduction, want = {}) {
        calls.push({ reduction, want });
        const count = reduction === "identity" ? patches : (reduction.settings.count as number);
        const kept = Int32Array.from({ length: count }, (_, i) => i);
        const rows = count + lead;
        return {
          features: matrix(rows, 3, (row) => 100 + row - lead),
          keptPatches: kept,
          milliseconds: 7,
          ...(want.mergeWeights && {
            mergeWeights: {
              rows: count,
              columns: patches,
              data: Float32Array.from({ length: count * patches }, (_, i) =>
                i % patches === Math.floor(i / patches) ? 1 : 0,
              ),
            },
          }),
          ...(want.patches && { patches: matrix(patches, 2, (row) => row) }),
          ...((want.everyLayer || want.layers?.includes(-1)) && {
            lastLayer: {
              keys: matrix(patches + 1, 2, (row) => row),
              queries: matrix(1, 2, () => 1),
              classAttention: Float32Array.from({ length: patches }, (_, i) => i / 1000),
            },
          }),
          ...(want.layers?.includes(-2) && {
            layers: {
              [-2]: {
                keys: matrix(patches + 1, 2, (row) => row),
                queries: matrix(patches + 1, 2, () => 1),
              },
            },
          }),
          ...(want.classFeatures && { classFeatures: matrix(1, 2, () => -1) }),
        };
      },
      project: async (tokens) => matrix(tokens.rows, 3, (row) => 100 + tokens.data[2 * row]!),
    };
    return { engine, calls };
  }

  const strategies = [
    ["default", 0],
    ["full", 1],
  ] as const;

  describe.each(strategies)("with the strategy %s", (strategy, lead) => {
    const spec = specOf(strategy);

    it("counts bytes of what is handed on, and of everything for comparison", async () => {
      const { engine } = engineOf(lead);
      const { statistics } = await seePixels(engine, spec, pixels, pruMerge({ tokens: 5 }), false);
      expect(statistics).toMatchObject({
        method: "prumerge",
        options: { tokens: 5 },
        visualTokens: 5,
        unreducedTokens: patches + lead,
        inGraph: true,
        keyValueBytes: 5 * tokenBytes,
        unreducedKeyValueBytes: (patches + lead) * tokenBytes,
      });
    });

    it("hands everything on unreduced, with the plan of that", async () => {
      const { engine, calls } = engineOf(lead);
      const seen = await seePixels(engine, spec, pixels, noReduction(), false);
      const { statistics, plan, embeddings } = seen;
      expect(statistics.keyValueBytes).toBe(statistics.unreducedKeyValueBytes);
      expect(statistics.inGraph).toBe(true);
      expect(embeddings.rows).toBe(patches + lead);
      expect(() => checkPlan(plan)).not.toThrow();
      expect([...plan.keptPatches]).toEqual([...Array(lead).fill(-1), ...Array(patches).keys()]);
      expect(densePlan(plan).data.filter((weight) => weight === 1)).toHaveLength(patches + lead);
      expect(seen).not.toHaveProperty("signals");
      expect(calls).toEqual([{ reduction: "identity", want: {} }]);
    });

    it("reads the plan from a graph that reduces, the class token before it", async () => {
      const { engine, calls } = engineOf(lead);
      const { plan, embeddings, sites } = await seePixels(
        engine,
        spec,
        pixels,
        pruMerge({ tokens: 5, globalToken: false }),
        false,
      );
      expect(calls).toMatchObject([
        { reduction: { name: "prumerge", settings: { count: 5 - lead } }, want: { mergeWeights: true } },
      ]);
      expect(() => checkPlan(plan)).not.toThrow();
      expect([...plan.keptPatches]).toEqual([-1, 0, 1, 2, 3, 4].slice(1 - lead, 6 - lead));
      expect([...plan.columns]).toEqual([patches, 0, 1, 2, 3, 4].slice(1 - lead, 6 - lead));
      expect(firsts(embeddings)).toEqual([99, 100, 101, 102, 103, 104].slice(1 - lead, 6 - lead));
      expect(sites.regions).toMatchObject([{ first: 0, rows: 6, columns: 6 }]);
    });

    it("hands a reducer the rows after the projector, and hands them back where signals are asked for", async () => {
      const { engine } = engineOf(lead);
      const read: (Matrix | undefined)[] = [];
      const first = sequentialSampling({ tokens: 4 });
      const reducer: Reducer = {
        ...first,
        need: { projected: true },
        plan(signals, room) {
          read.push(signals.projected);
          return first.plan(signals, room);
        },
      };
      const seen = await seePixels(engine, spec, pixels, reducer, true);
      expect(read).toEqual([seen.signals![0]!.projected]);
      expect(firsts(read[0]!).slice(0, 2)).toEqual([100, 101]);
      const unreduced = await seePixels(engine, spec, pixels, noReduction(), true);
      expect(unreduced.signals![0]!.projected).toEqual(read[0]);
    });

    it("hands a reducer that reads the question the relevance of each patch, and says what was asked", async () => {
      const { engine } = engineOf(lead);
      const read: (Float32Array | undefined)[] = [];
      const first = sequentialSampling({ tokens: 4 });
      const reducer: Reducer = {
        ...first,
        need: { relevance: true },
        plan(signals, room) {
          read.push(signals.relevance);
          expect(signals).not.toHaveProperty("projected");
          return first.plan(signals, room);
        },
      };
      // All rows behind the projector lie on the first axis.
      const asked = { text: "Who?", words: { rows: 1, columns: 3, data: Float32Array.of(3, 4, 0) } };
      const seen = await seePixels(engine, spec, pixels, reducer, false, {}, asked);
      expect(seen.question).toBe("Who?");
      expect(read).toEqual([new Float32Array(patches).fill(0.6)]);
      const { question, signals } = await seePixels(engine, spec, pixels, first, true, {}, asked);
      expect([question, signals![0]!.relevance]).toEqual([undefined, read[0]]);
    });

    it("plans outside of the graph from its signals, the class token still first", async () => {
      const { engine, calls } = engineOf(lead);
      const seen = await seePixels(engine, spec, pixels, sequentialSampling({ tokens: 4 }), true);
      expect(calls).toEqual([
        { reduction: "identity", want: { patches: true, layers: [], everyLayer: true } },
      ]);
      expect(seen.statistics).toMatchObject({ method: "sequential", visualTokens: 4, inGraph: false });
      expect(firsts(seen.embeddings)).toEqual([99, 100, 101, 102, 103].slice(1 - lead, 5 - lead));
      expect([...seen.plan.keptPatches]).toEqual([-1, 0, 1, 2, 3].slice(1 - lead, 5 - lead));
      expect(seen.signals).toMatchObject([{ classToken: true, heads: 1, grid: { rows: 6, columns: 6 } }]);
      expect(seen.signals![0]!.classAttention).toHaveLength(patches);
    });

    it("shows the tower the pixels of a smaller picture, at its own size", async () => {
      const { engine } = engineOf(lead);
      const shown: Float32Array[] = [];
      const watched: SeeingEngine = {
        ...engine,
        see(view, reduction, want) {
          expect([view.height, view.width]).toEqual([84, 84]);
          shown.push(view.data);
          return engine.see(view, reduction, want);
        },
      };
      // Left half black, right half white, and one bright pixel far from the edge between them.
      const data = Float32Array.from({ length: 3 * 84 ** 2 }, (_, i) => (i % 84 < 42 ? -1 : 1));
      data[40 * 84 + 10] = 50;
      const picture = squarePixels(data, 84);
      const seen = await seePixels(watched, spec, picture, smallerPicture({ tokens: 9 + lead }), false);
      expect(seen.embeddings.rows).toBe(9 + lead);
      // Patches 0, 1, 6 and 7 make the first cell; the class token leads.
      expect(firsts(seen.embeddings).slice(lead, lead + 2)).toEqual([103.5, 105.5]);
      const [small] = shown;
      expect(small![83]).toBeCloseTo(1, 3);
      expect(small![0]).toBeCloseTo(-1, 3);
      expect(small![40 * 84 + 10]).toBeLessThan(20); // a quarter of the pixels cannot hold it
      await seePixels(watched, spec, picture, gridPooling({ tokens: 9 + lead }), false);
      expect(shown[1]).toEqual(data);
    });

    it("makes a method's own row of the class token, once", async () => {
      const { engine, calls } = engineOf(lead);
      const seen = await seePixels(engine, spec, pixels, visionZip({ tokens: 4, contextual: 1 }), false, {
        positions: "original",
      });
      expect(calls[0]!.want).toEqual({ patches: true, layers: [-2], classFeatures: true });
      expect(() => checkPlan(seen.plan)).not.toThrow();
      // Patches of later rows have larger keys: the class token, the last two, and the first with half of what is between.
      expect([...seen.plan.keptPatches]).toEqual([-1, 34, 35, 0]);
      expect(seen.plan.columns[0]).toBe(patches);
      expect(firsts(seen.embeddings).slice(0, 3)).toEqual([99, 134, 135]);
      expect(seen.statistics.visualTokens).toBe(4);
      // The model's own leads; where it has none, it stands where a row of the whole picture stands.
      expect(seen.place!.at[0]).toBe(lead === 1 ? 0 : 21);
      expect(seen.place!.at[1]).toBe(34 + lead);
    });

    it("takes every row of another exporter's encoder, a class token included", async () => {
      const { engine, calls } = engineOf(lead, false);
      const width = (await engine.see({} as never, "identity")).features.columns;
      calls.length = 0;
      const narrow = { ...spec, language: { ...spec.language, hiddenSize: width } };
      await expect(seePixels(engine, spec, pixels, noReduction(), true)).rejects.toMatchObject({
        code: "INVALID_FILE",
        message: expect.stringMatching(/visual tokens of another width/),
      });
      calls.length = 0;
      const seen = await seePixels(engine, narrow, pixels, noReduction(), true);
      expect(calls).toEqual([{ reduction: "identity", want: {} }]);
      expect(seen.embeddings.rows).toBe(patches + lead);
      expect(seen.plan.keptPatches).toHaveLength(patches + lead);
      expect(seen.statistics).toMatchObject({
        visualTokens: patches + lead,
        unreducedTokens: patches + lead,
        inGraph: false,
      });
      expect(seen).not.toHaveProperty("signals");
    });

    it("takes what an encoder with a reduction baked in gives, whatever it stands on", async () => {
      const baked: SeeingEngine = {
        ...engineOf(lead).engine,
        vision: { kind: "baked", tokens: 9 },
        see: async () => ({
          features: matrix(9, 3, () => 0),
          keptPatches: new Int32Array(),
          milliseconds: 7,
        }),
      };
      const seen = await seePixels(baked, spec, pixels, noReduction(), false);
      expect([seen.embeddings.rows, seen.plan.keptPatches.length]).toEqual([9, 9]);
      expect(isUnknownPlan(seen.plan)).toBe(true);
      expect(seen.statistics).toMatchObject({
        inGraph: true,
        visualTokens: 9,
        unreducedKeyValueBytes: (patches + lead) * tokenBytes,
      });
    });
  });

  it("gives plans that share no memory with each other", async () => {
    const { engine } = engineOf(0);
    const { plan } = await seePixels(engine, specOf("default"), pixels, noReduction(), false);
    expect(plan.keptPatches.buffer).not.toBe(plan.columns.buffer);
  });

  it("hands back the signals of a graph that reduces, where they are asked for", async () => {
    const { engine } = engineOf(0);
    const { signals } = await seePixels(engine, specOf("default"), pixels, pruMerge({ tokens: 5 }), true);
    const [{ patches, keys, queries }] = signals as [Signals];
    expect([patches.rows, keys.rows, queries.rows]).toEqual([36, 37, 1]);
  });
});
