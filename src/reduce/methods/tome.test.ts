import { expect, test } from "vitest";
import { checkPlan } from "../check-plan.js";
import type { Signals } from "../signals.js";
import { tokenMerging } from "./tome.js";

/** Keys of four directions, one for each pair of neighbours, and a class token's that is like all of them. */
const directions = [
  [1, 1],
  [1, 0],
  [1, 0.1],
  [0, 1],
  [0.1, 1],
  [-1, 0],
  [-1, 0.2],
  [0, -1],
  [0.3, -1],
];
const signals: Signals = {
  grid: { rows: 2, columns: 4 },
  patches: { rows: 8, columns: 1, data: Float32Array.from({ length: 8 }, (_, i) => i) },
  keys: { rows: 9, columns: 2, data: Float32Array.from(directions.flat()) },
  queries: { rows: 1, columns: 2, data: new Float32Array(2) },
  classToken: true,
  heads: 1,
};
const rowsOf = (tokens: number) => {
  const plan = tokenMerging({ tokens }).plan(signals);
  checkPlan(plan);
  expect(plan.keptPatches).toHaveLength(tokens);
  return [...plan.keptPatches].map((kept, row) => {
    const [start, end] = [plan.offsets[row]!, plan.offsets[row + 1]!];
    for (const weight of plan.weights.subarray(start, end))
      expect(weight).toBe(Math.fround(1 / (end - start)));
    expect(plan.columns[start]).toBe(kept);
    return [...plan.columns.subarray(start, end)].sort((a, b) => a - b);
  });
};

test("the most similar pairs are merged first, into means, the class token without a say", () => {
  expect(rowsOf(8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((patch) => [patch]));
  expect(rowsOf(7)).toContainEqual([0, 1]);
  expect(rowsOf(5)).toEqual([[0, 1], [2, 3], [4, 5], [6], [7]]);
  expect(rowsOf(4)).toEqual([
    [0, 1],
    [2, 3],
    [4, 5],
    [6, 7],
  ]);
});

test("steps go on below half, and every patch is in one row", () => {
  for (const tokens of [3, 2, 1]) {
    const rows = rowsOf(tokens);
    expect(rows.flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  }
  expect(() => tokenMerging({ tokens: 9 }).plan(signals)).toThrow(/from 1 to 8/);
});
