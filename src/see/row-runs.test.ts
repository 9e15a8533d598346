import { expect, it } from "vitest";
import { oneHotRows } from "../reduce/one-hot.js";
import type { MergePlan } from "../reduce/plan.js";
import type { Sites } from "../reduce/sites.js";
import { partRows, siteStarts } from "./row-runs.js";

const rectangle = { x: 0, y: 0, width: 1, height: 1 };
const region = (first: number) => ({ first, rows: 2, columns: 2, rectangle, frame: 0 });
const sites: Sites = { count: 12, regions: [region(0), region(4), region(8)] };
const texts = ["a", "b", "c", "d"];
/** Rows on patches 1 and 3 of the first region and 0 of the last; what stands on no patch is a sum over the last. */
const plan: MergePlan = {
  ...oneHotRows(12, Int32Array.of(1, 3, 8, 9)),
  keptPatches: Int32Array.of(1, 3, 8, -1),
};
const embeddings = { rows: 4, columns: 2, data: Float32Array.of(1, 1, 3, 3, 8, 8, 9, 9) };
const bias = Float32Array.of(10, 30, 80, 90);

it("a picture's rows fall into runs by their regions, and one without rows stays", () => {
  const { texts: own, runs } = partRows({ embeddings, bias }, plan, sites, texts, undefined);
  expect(own).toBe(texts);
  expect(runs).toEqual([
    {
      embeddings: { rows: 2, columns: 2, data: Float32Array.of(1, 1, 3, 3) },
      bias: Float32Array.of(10, 30),
    },
    { embeddings: { rows: 0, columns: 2, data: new Float32Array(0) }, bias: new Float32Array(0) },
    {
      embeddings: { rows: 2, columns: 2, data: Float32Array.of(8, 8, 9, 9) },
      bias: Float32Array.of(80, 90),
    },
  ]);
});

it("at its sites' places each run takes as many positions as its region has sites", () => {
  const place = { at: Int32Array.of(1, 3, 8, 11), advance: 12 };
  const { runs } = partRows({ embeddings, place }, plan, sites, texts, siteStarts(sites));
  expect(runs.map((run) => run.place)).toEqual([
    { at: Int32Array.of(1, 3), advance: 4 },
    { at: new Int32Array(0), advance: 4 },
    { at: Int32Array.of(0, 3), advance: 4 },
  ]);
});

it("one after another, the last run takes the positions of what was left out", () => {
  const place = { at: Int32Array.of(0, 1, 2, 3), advance: 12 };
  const { runs } = partRows({ embeddings, place }, plan, sites, texts, undefined);
  expect(runs.map((run) => run.place)).toEqual([
    { at: Int32Array.of(0, 1), advance: 2 },
    { at: new Int32Array(0), advance: 0 },
    { at: Int32Array.of(0, 1), advance: 10 },
  ]);
});
