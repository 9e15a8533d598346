import { describe, expect, it } from "vitest";
import { acrossFrames } from "./across-frames.js";
import { classAttention } from "./class-attention.js";
import { layerAttention } from "./layer-attention.js";
import { cover } from "./methods/cover.js";
import { hiPrune } from "./methods/hiprune.js";
import { gridPooling } from "./methods/pool.js";
import { pruMerge } from "./methods/prumerge.js";
import { smallerPicture } from "./methods/smaller-picture.js";
import { visionZip } from "./methods/visionzip.js";
import { createReducer } from "./registry.js";
import type { Signals } from "./signals.js";
import { stackFrames } from "./stack-frames.js";

/** Frames of 2 x 3 patches that differ; width 4, two heads. */
function frame(seed: number, classToken: boolean): Signals {
  const matrix = (rows: number, salt: number) => ({
    rows,
    columns: 4,
    data: Float32Array.from({ length: rows * 4 }, (_, at) => Math.sin(at * (seed + 2) + salt)),
  });
  const tokens = classToken ? 7 : 6;
  return {
    grid: { rows: 2, columns: 3 },
    patches: matrix(6, 1),
    keys: matrix(tokens, 2),
    queries: matrix(classToken ? 1 : 6, 3),
    classToken,
    heads: 2,
    layers: { [-2]: { keys: matrix(tokens, 4), queries: matrix(tokens, 5) } },
    projected: matrix(6, 6),
    relevance: matrix(6, 7).data.slice(0, 6),
  };
}

describe.each([true, false])("frames read at once, with a class token: %s", (classToken) => {
  const frames = [0, 1, 2].map((seed) => frame(seed, classToken));
  const all = stackFrames(frames);

  it("have each frame's own attention", () => {
    for (const options of [{}, { perHeadAttention: true }])
      expect([...classAttention(all, options)]).toEqual(
        frames.flatMap((one) => [...classAttention(one, options)]),
      );
    expect([...layerAttention(all, -2)]).toEqual(frames.flatMap((one) => [...layerAttention(one, -2)]));
  });

  it("have the patches, keys and rows of all of them, and no class token", () => {
    expect(all).toMatchObject({ frames: 3, grid: { rows: 6, columns: 3 }, classToken: false });
    const skip = classToken ? 4 : 0;
    expect([...all.keys.data]).toEqual(frames.flatMap(({ keys }) => [...keys.data.subarray(skip)]));
    expect([...all.projected!.data]).toEqual(frames.flatMap(({ projected }) => [...projected!.data]));
    expect([...all.relevance!]).toEqual(frames.flatMap(({ relevance }) => [...relevance!]));
  });

  it.each([
    "prumerge",
    "prumerge+",
    "selection",
    "scope",
    "divprune",
    "cdpruner",
    "tome",
    "random",
    "uniform",
    "sequential",
    "cover",
  ])("are reduced by %s to one count", (method) => {
    const reducer = createReducer(method, { tokens: 7, acrossFrames: true });
    expect(reducer).toMatchObject({ acrossFrames: true, budget: { kind: "exact", rows: 7 } });
    expect(reducer.options).toMatchObject({ acrossFrames: true, tokens: 7 });
    const plan = reducer.plan(all);
    expect([plan.patches, plan.keptPatches.length]).toEqual([18, 7]);
  });
});

it.each([
  gridPooling({ tokens: 4 }),
  visionZip({ tokens: 4 }),
  hiPrune({ tokens: 4 }),
  smallerPicture({ tokens: 4 }),
])("is refused of $method, which sees one picture", (reducer) => {
  expect(() => acrossFrames(reducer)).toThrow(/sees one picture at a time/);
});

it("is a reducer of its own, by its options", () => {
  const reducer = cover({ tokens: 9 });
  expect(acrossFrames(reducer).options).toEqual({ ...reducer.options, acrossFrames: true });
  expect(reducer.acrossFrames).toBeUndefined();
  expect(acrossFrames(acrossFrames(reducer)).options).toEqual(acrossFrames(reducer).options);
  expect(acrossFrames(pruMerge()).budget).toEqual({ kind: "rule" });
  expect(() => createReducer("cover", { acrossFrames: 1 })).toThrow(/acrossFrames/);
});
