import { describe, expect, test } from "vitest";
import { seededRandom } from "../tensor/random.js";
import { classAttention } from "./class-attention.js";
import { mergePlan } from "./merging.js";
import { noReduction } from "./methods/none.js";
import { pruMerge } from "./methods/prumerge.js";
import { pruMergePlus } from "./methods/prumerge-plus.js";
import { randomSampling } from "./methods/random.js";
import { selectionOnly } from "./methods/selection.js";
import { sequentialSampling } from "./methods/sequential.js";
import { uniformSampling } from "./methods/uniform.js";
import { nearestName } from "./nearest-name.js";
import { createReducer } from "./registry.js";
import { rowRoom } from "./row-room.js";
import type { Signals } from "./signals.js";

const random = seededRandom(7);
const matrix = (rows: number, columns: number) => ({
  rows,
  columns,
  data: Float32Array.from({ length: rows * columns }, random),
});
/** Nine patches of which 4 and 0 lie above the third quartile: outliers with a factor of 0. */
const signals: Signals = {
  grid: { rows: 3, columns: 3 },
  patches: matrix(9, 2),
  keys: matrix(10, 2),
  queries: matrix(1, 2),
  classToken: true,
  heads: 1,
  classAttention: Float32Array.of(8, 1, 7, 2, 20, 6, 3, 5, 4),
};
const kept = (reducer: ReturnType<typeof pruMerge>) => [...reducer.plan(signals).keptPatches];

describe("the released code's rounding, asked for as an option", () => {
  const released = { iqrFactor: 0, compatibility: "released" } as const;

  test("uses this picture's share of outliers, or the one of a whole batch", () => {
    expect(kept(pruMerge(released))).toEqual([4, 0, -1]);
    expect(kept(pruMerge({ ...released, outlierRatio: 0.34 }))).toEqual([4, 0, 2, -1]); // int(3.06)
    expect(kept(pruMerge({ ...released, outlierRatio: 0 }))).toEqual([-1]);
    expect(kept(pruMerge({ ...released, outlierRatio: 1 }))).toHaveLength(10);
    // int(1 / 0.15) = 6, a stride of 2; without the option 9 // 2 = 4 and a stride of 1.
    expect(kept(pruMergePlus({ ...released, outlierRatio: 0.15 }))).toEqual([4, 0, 2, 6, -1]);
    expect(kept(pruMergePlus({ iqrFactor: 0 }))).toEqual([4, 0, 1, 2, 3, 5, 6, 7, -1]);
  });

  test("is no default: int(49 (1 / 49)) is 0 in floating point, and loses the only outlier", () => {
    const square: Signals = {
      ...signals,
      grid: { rows: 7, columns: 7 },
      patches: matrix(49, 2),
      keys: matrix(50, 2),
      classAttention: new Float32Array(49).fill(1).fill(5, 17, 18),
    };
    const rows = (options: Parameters<typeof pruMerge>[0]) => [...pruMerge(options).plan(square).keptPatches];
    expect(rows({})).toEqual([17, -1]);
    expect(rows({ compatibility: "released" })).toEqual([-1]);
  });

  test("is known to no graph", () => {
    const settingsOf = (reducer: ReturnType<typeof pruMerge>) => {
      const program = reducer.inGraph?.(9, rowRoom(reducer, 9));
      return program === "identity" ? program : program?.settings;
    };
    expect(settingsOf(pruMerge(released))).toBeUndefined();
    expect(settingsOf(pruMerge({ iqrFactor: 0 }))).toMatchObject({ iqrFactor: 0, neighbours: 8 });
  });

  test.each([
    [{ outlierRatio: 0.5 }, /outlierRatio.*left out without compatibility/],
    [{ ...released, outlierRatio: -0.1 }, /outlierRatio.*a number from 0 to 1, found -0\.1/],
    [{ ...released, outlierRatio: 1.1 }, /outlierRatio.*found 1\.1/],
    [{ ...released, outlierRatio: Number.NaN }, /outlierRatio.*found NaN/],
    [{ ...released, outlierRatio: "0.5" }, /outlierRatio.*found "0\.5"/],
    [{ compatibility: "paper" }, /compatibility.*one of released, effivlm, found "paper"/],
    [{ iqrFactor: "1" }, /iqrFactor.*a number from 0 to 1000, found "1"/],
    [{ iqrFactor: 1001 }, /iqrFactor.*found 1001/],
  ])("refuses %o", (options, message) => {
    expect(() => pruMerge(options as never)).toThrow(message);
  });
});

describe("options", () => {
  test("are kept with the reducer, for records, whatever happens to the object that was given", () => {
    const given = { tokens: 3, seed: 4_294_967_295 };
    const reducer = randomSampling(given);
    given.tokens = 9;
    expect(reducer.options).toEqual({ tokens: 3, seed: 4_294_967_295 });
    expect(randomSampling({ tokens: 3 }).options).toMatchObject({ seed: expect.any(Number) });
    expect(sequentialSampling({ tokens: 3 }).options).toEqual({ tokens: 3 });
    expect(uniformSampling({ tokens: 3 }).options).toEqual({ tokens: 3 });
    expect(uniformSampling({ rows: 2, columns: 1 }).options).toEqual({ rows: 2, columns: 1 });
    expect(selectionOnly({ perHeadAttention: true }).options).toMatchObject({ perHeadAttention: true });
    expect(selectionOnly().options).not.toHaveProperty("neighbours");
  });

  test.each<[() => unknown, RegExp]>([
    [() => randomSampling({ tokens: 0 }), /^random: .*"tokens"/],
    [() => randomSampling({ tokens: 3, seed: 4_294_967_296 }), /^random: .*"seed".*from 0 to 4294967295/],
    [() => randomSampling({ tokens: 10 }).plan(signals), /^random: .*from 1 to 9, found 10/],
    [() => sequentialSampling({ tokens: 10 }).plan(signals), /^sequential: .*from 1 to 9, found 10/],
    [() => uniformSampling({ tokens: 10 }).plan(signals), /^uniform: .*from 1 to 9, found 10/],
    [() => uniformSampling({ rows: 2 } as never), /^uniform: .*"columns".*at least 1, found undefined/],
    [() => uniformSampling({ columns: 2 } as never), /^uniform: .*"rows".*at least 1, found undefined/],
    [() => uniformSampling({ rows: 2, columns: 2, keepRatio: 0.5 }), /^uniform: .*either a budget or rows/],
    [
      () => uniformSampling({ rows: 4, columns: 2 }).plan(signals),
      /^uniform: .*"rows".*from 1 to 3, found 4/,
    ],
    [() => uniformSampling({ rows: 2, columns: 4 }).plan(signals), /^uniform: .*"columns".*found 4/],
    [() => selectionOnly({ tokens: 10 }).plan(signals), /^selection: .*from 1 to 9, found 10/],
    [() => noReduction({ tokens: 3 } as never), /^none: there is no option "tokens"; expected no options/],
    [
      () => mergePlan(signals, [1], { perHeadAttention: 1 as never }),
      /^mergePlan: .*"perHeadAttention".*found 1/,
    ],
    [
      () => classAttention(signals, { perHeadAttention: "yes" as never }),
      /^classAttention: .*"perHeadAttention".*true or false, found "yes"/,
    ],
  ])("out of range are refused by the method's name: %s", (make, message) => {
    expect(make).toThrow(message);
  });

  test("the model without reduction is called none", () => {
    expect(noReduction().method).toBe("none");
    expect(noReduction().plan(signals).keptPatches).toHaveLength(9);
  });
});

describe("the name that was probably meant", () => {
  test("is near by half the longer name, and no further", () => {
    const known = ["prumerge", "none"];
    expect(nearestName("PRUMERGE", known)).toBe("prumerge");
    expect(nearestName("pru", known)).toBeUndefined(); // 5 of 8 letters
    expect(nearestName("prum", known)).toBe("prumerge"); // 4 of 8
    expect(nearestName("on", ["none"])).toBe("none");
    expect(nearestName("anything", [])).toBeUndefined();
  });
});

test("EffiVLM-Bench's selection is prumerge+'s, with a count", () => {
  const options = { compatibility: "effivlm" } as const;
  const reducer = pruMergePlus({ ...options, tokens: 12, outlierRatio: 0.1 });
  expect(reducer.inGraph?.(64, { exact: true, count: 12 })).toBeUndefined();
  expect(createReducer("prumerge+", reducer.options).options).toEqual(reducer.options);
  for (const refused of [
    () => pruMergePlus(options),
    () => pruMergePlus({ ...options, maxTokens: 12 }),
    () => pruMerge({ ...options, tokens: 12 }),
  ])
    expect(refused).toThrow(/compatibility.*prumerge\+ with a count or a share/);
});
