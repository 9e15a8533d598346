import { expect, it } from "vitest";
import type { Arrangement } from "../reduce/arrangement.js";
import { oneHotRows } from "../reduce/one-hot.js";
import type { Sites } from "../reduce/sites.js";
import { ArrangedRows, stackRows } from "./arrange-rows.js";

const rectangle = { x: 0, y: 0, width: 1, height: 1 };
const region = (first: number) => ({ first, rows: 1, columns: 2, rectangle, frame: 0 });
const sites: Sites = { count: 4, regions: [region(0), region(2)] };
const part = (first: number) => ({
  first,
  embeddings: { rows: 2, columns: 2, data: Float32Array.of(first, 0.5, first + 1, 0.5) },
});

/** Hands the parts over one by one, each forgotten before the next. */
function arrangeRows(
  arrangement: Arrangement,
  all: Sites,
  parts: readonly ReturnType<typeof part>[],
  separator: Float32Array | undefined,
) {
  const rows = new ArrangedRows(arrangement, all, separator !== undefined);
  for (const { first, embeddings } of parts) {
    const data = embeddings.data.slice();
    rows.add(
      all.regions.findIndex((own) => own.first === first),
      { embeddings: { ...embeddings, data } },
    );
    if (all.regions.length > 1) data.fill(Number.NaN);
  }
  return rows.end(separator);
}

it("puts projected patches of all views in the prompt's order, separators between them", () => {
  const arrangement = { plan: oneHotRows(4, Int32Array.of(3, 0, 2)), origin: Int32Array.of(0, -1, 1, 2, -1) };
  const rows = arrangeRows(arrangement, sites, [part(0), part(2)], Float32Array.of(7, 8));
  expect([rows.rows, rows.columns]).toEqual([5, 2]);
  expect([...rows.data]).toEqual([3, 0.5, 7, 8, 0, 0.5, 2, 0.5, 7, 8]);
});

it("mixes patches of several views, as a shrunk map has it", () => {
  const plan = {
    patches: 4,
    keptPatches: Int32Array.of(1, 0),
    offsets: Int32Array.of(0, 3, 4),
    columns: Int32Array.of(1, 2, 3, 0),
    weights: Float32Array.of(0.5, 0.25, 0.25, 2),
  };
  const rows = arrangeRows({ plan, origin: Int32Array.of(1, 0) }, sites, [part(0), part(2)], undefined);
  expect([...rows.data]).toEqual([0, 1, 0.5 + 0.5 + 0.75, 0.5]);
});

it("does without views that it takes nothing from", () => {
  const arrangement = { plan: oneHotRows(4, Int32Array.of(2, 3)), origin: Int32Array.of(1, 0) };
  const rows = arrangeRows(arrangement, sites, [part(2)], undefined);
  expect([...rows.data]).toEqual([3, 0.5, 2, 0.5]);
});

it("hands on one view without separators as it is, and puts one with separators in order", () => {
  const one: Sites = { count: 2, regions: [region(0)] };
  const { embeddings } = part(0);
  const plain = { plan: oneHotRows(2, Int32Array.of(0, 1)), origin: Int32Array.of(0, 1) };
  expect(arrangeRows(plain, one, [part(0)], undefined).data).toEqual(embeddings.data);
  const separated = { ...plain, origin: Int32Array.of(0, 1, -1) };
  expect([...arrangeRows(separated, one, [part(0)], Float32Array.of(9, 9)).data]).toEqual([
    0, 0.5, 1, 0.5, 9, 9,
  ]);
});

it("stacks matrices of one width, one alone as it is", () => {
  const [a, b] = [part(0).embeddings, part(2).embeddings];
  expect(stackRows([a])).toBe(a);
  const both = stackRows([a, b]);
  expect([both.rows, both.columns, [...both.data]]).toEqual([4, 2, [0, 0.5, 1, 0.5, 2, 0.5, 3, 0.5]]);
});
