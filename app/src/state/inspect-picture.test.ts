import { methods, oneHotPlan, oneRegion, type Signals } from "prumerge/reduce";
import { describe, expect, it } from "vitest";
import type { Reduction, SeenPicture } from "../backend/model-backend.js";
import { seenBySignals } from "../backend/seen-signals.js";
import { fitBudget } from "../controls/fit-budget.js";
import { fitOptions } from "../controls/fit-options.js";
import { nearestStop, tokenStops } from "../controls/token-stops.js";
import { stageOf } from "../stage/stage-of.js";
import { type Inspected, inspectPicture } from "./inspect-picture.js";

const [side, width] = [4, 6];
const patches = side ** 2;
const matrix = (rows: number, seed: number) => ({
  rows,
  columns: width,
  data: Float32Array.from({ length: rows * width }, (_, i) => Math.sin(seed + 1.7 * i)),
});
const signals: Signals = {
  grid: { rows: side, columns: side },
  patches: matrix(patches, 1),
  keys: matrix(patches + 1, 2),
  queries: matrix(1, 3),
  projected: matrix(patches, 4),
  relevance: matrix(patches, 7).data.subarray(0, patches),
  layers: { [-2]: { keys: matrix(patches + 1, 5), queries: matrix(patches + 1, 6) } },
  classToken: true,
  heads: 2,
};
const every = Int32Array.from({ length: patches }, (_, patch) => patch);
const seen = (leadingTokens: number, read: Signals = signals, question?: string): SeenPicture =>
  seenBySignals(
    {
      name: "x.png",
      width: 64,
      height: 64,
      sites: oneRegion(read.grid, { x: 0, y: 0, width: 64, height: 64 }),
      signals: [read],
      unreduced: { plan: oneHotPlan(read.grid, every), tokens: patches + leadingTokens },
      question,
    },
    { leadingTokens, keyValueBytesPerToken: 10 },
  );
/** Of what is told at once. */
const inspect = (of: SeenPicture, reduction: Reduction) =>
  inspectPicture(of, reduction, new AbortController().signal) as Inspected;
const exactly = (method: string, rows: number): Reduction => ({
  method,
  budget: { kind: "exact", rows },
  options: {},
  positions: "contiguous",
});
describe("what a page says of the patches' attention", () => {
  const received: Signals = {
    ...signals,
    keys: matrix(patches, 2),
    queries: matrix(patches, 3),
    layers: {},
    classToken: false,
  };

  it.each([
    [signals, "class attention"],
    [received, "received attention"],
  ])("names it after what the tower has (%#)", (of, name) => {
    const reduction = exactly("prumerge", 3);
    const { inspection } = inspect(seen(0, of), reduction);
    expect(stageOf(inspection!).model.detail({ kind: "token", row: 0 }).lines[0]).toMatch(
      new RegExp(`^${name} [\\d.]+, (above|below) the fence$`),
    );
  });
});

it("waits for a question where the method reads it", () => {
  const reduction = exactly("cdpruner", 3);
  const { failure } = inspect(seen(0), reduction);
  expect(failure).toMatch(/^The method cdpruner chooses patches by the question: ask one/);
  expect(inspect(seen(0, signals, "What?"), reduction).inspection!.rows).toHaveLength(3);
});

describe.each([0, 1])("a model with %i leading tokens", (leading) => {
  const unreducedTokens = patches + leading;
  const stops = tokenStops(unreducedTokens, leading);

  it("is offered every count that leaves a patch", () => {
    expect(stops).toEqual(Array.from({ length: patches }, (_, i) => i + 1 + leading));
    expect(stops[nearestStop(stops, 1)]).toBe(1 + leading);
  });

  it.each(methods)("gets as many rows of $name as the slider says", (method) => {
    for (const count of stops) {
      const budget = fitBudget(method, "exact", count);
      const reduction = { ...exactly(method.name, count), budget };
      const { inspection, failure } = inspect(seen(leading, signals, "What?"), reduction);
      expect(failure).toBeUndefined();
      const expected = budget.kind === "exact" ? count : inspection!.statistics.visualTokens;
      if (budget.kind === "all") expect(expected).toBe(unreducedTokens);
      expect(inspection?.statistics).toEqual({
        visualTokens: expected,
        unreducedTokens,
        keyValueBytes: 10 * expected,
        unreducedKeyValueBytes: 10 * unreducedTokens,
      });
      if (budget.kind === "exact") expect(inspection?.options).toMatchObject({ tokens: count });
    }
  });
});

it("says why nothing can be drawn, instead of taking the page down", () => {
  const reduction = exactly("uniform", patches + 1);
  const { inspection, failure } = inspect(seen(0), reduction);
  expect(inspection).toBeUndefined();
  expect(failure).toMatch(/tokens/);
});

it.each([
  [true, true, {}],
  [true, false, { sizeBias: false }],
  [false, false, {}],
  [undefined, false, {}],
])("leaves out a bias that the language model would refuse: default %s, taken %s", (sizeBias, rowBias, options) => {
  expect(fitOptions(sizeBias === undefined ? {} : { sizeBias }, { rowBias })).toEqual(options);
});
