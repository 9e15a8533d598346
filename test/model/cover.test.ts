import { cover, type LoadedModel, loadModel, type Reducer, type VisualTokens } from "prumerge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundledSamples } from "../support/bundled.js";

describe("cover on the bundled model", () => {
  let model: LoadedModel;
  beforeAll(async () => {
    model = await loadModel("pocket-llava", { worker: false, threads: 1 });
  });
  afterAll(() => model.dispose());

  const planned = (reducer: Reducer) => Object.create(reducer, { inGraph: { value: undefined } }) as Reducer;
  const rows = ({ plan: { offsets, columns } }: VisualTokens) =>
    Array.from({ length: offsets.length - 1 }, (_, row) =>
      [...columns.slice(offsets[row], offsets[row + 1])].sort((a, b) => a - b).join(),
    );

  it.each([
    ["exactly 64", cover({ tokens: 64 })],
    ["a share", cover({ keepRatio: 0.05 })],
    ["adaptive", cover({ reach: 0.1 })],
    ["adaptive with a cap", cover({ maxTokens: 9, reach: 0.1, sizeBias: false })],
  ])("has in the graph the rows that the planner makes: %s", async (_, reducer) => {
    let same = 0;
    for (const { path } of bundledSamples()) {
      const pixels = await model.prepare(path);
      const [inGraph, beside] = [await model.see(pixels, reducer), await model.see(pixels, planned(reducer))];
      expect([inGraph.statistics.inGraph, beside.statistics.inGraph]).toEqual([true, false]);
      expect(inGraph.embeddings.rows).toBe(beside.embeddings.rows);
      expect(inGraph.bias === undefined).toBe(reducer.rowBias === undefined);
      inGraph.bias?.forEach((bias, row) => {
        expect(bias).toBeCloseTo(Math.log(rows(inGraph)[row]!.split(",").length), 5);
      });
      if (`${rows(inGraph)}` !== `${rows(beside)}`) continue; // a tie within float32's rounding
      same++;
      const apart = inGraph.embeddings.data.map((value, at) => Math.abs(value - beside.embeddings.data[at]!));
      expect(Math.max(...apart)).toBeLessThan(2e-4);
    }
    expect(same).toBeGreaterThanOrEqual(bundledSamples().length - 1);
  });

  it("says that the graph does it, and gives simple pictures fewer rows than busy ones", async () => {
    expect(model.methodSupport.cover).toBe("in-graph");
    const flat = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(120) };
    for (const [reducer, inGraph] of [
      [cover({ reach: 0.1 }), true],
      [cover({ maxTokens: 576 }), false], // ends by a mean of the picture's own, which the graph does not know
    ] as const) {
      const { statistics } = await model.see(flat, reducer);
      expect(statistics.inGraph).toBe(inGraph);
      expect(statistics.visualTokens).toBeLessThan(4);
      for (const { path } of bundledSamples())
        expect((await model.see(path, reducer)).statistics.visualTokens).toBeGreaterThan(
          2 * statistics.visualTokens,
        );
    }
  });
});
