import { describe, expect, test } from "vitest";
import { applyPlan, densePlan } from "./apply-plan.js";
import { checkPlan } from "./check-plan.js";
import { checkClassAttention, checkSignals } from "./check-signals.js";
import { mergePlan } from "./merging.js";
import type { MergePlan } from "./plan.js";
import type { Signals } from "./signals.js";
import { tracePlan } from "./trace.js";
import { isUnknownPlan, unknownPlan } from "./unknown-plan.js";

const refusal = (message: RegExp, code = "INVALID_TENSOR") =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe("a plan that is not well formed is refused, and named where it is wrong", () => {
  /** A grid of 2 x 2: row 0 stands on patch 3 and takes half of patch 1, row 1 stands on none and is the class token. */
  const plan: MergePlan = {
    patches: 4,
    keptPatches: Int32Array.of(3, -1),
    offsets: Int32Array.of(0, 2, 3),
    columns: Int32Array.of(3, 1, 4),
    weights: Float32Array.of(1, 0.5, 1),
  };

  test("the sound one is not", () => {
    expect(() => checkPlan(plan)).not.toThrow();
    const several = { ...plan, keptPatches: Int32Array.of(-1, -1) };
    expect(() => checkPlan(several)).not.toThrow(); // rows that stand on none are as many as one likes
  });

  test.each<[string, Partial<MergePlan>, RegExp]>([
    ["no patches", { patches: 0 }, /patches: .*1 or more, found 0/],
    ["a broken number of patches", { patches: 3.5 }, /patches: .*a whole number, 1 or more, found 3.5/],
    ["no rows", { keptPatches: Int32Array.of() }, /keptPatches: .*at least one row, found none/],
    [
      "an offset too many",
      { offsets: Int32Array.of(0, 2, 3, 3) },
      /offsets: .*expected 3 values from 0 to 3, found \[0, 2, 3, 3\]/,
    ],
    ["a late beginning", { offsets: Int32Array.of(1, 2, 3) }, /offsets: .*found \[1, 2, 3\]/],
    ["an early end", { offsets: Int32Array.of(0, 2, 2) }, /offsets: .*found \[0, 2, 2\]/],
    ["a weight too few", { weights: Float32Array.of(1, 1) }, /weights: .*expected 3 values, found 2/],
    [
      "a falling offset",
      { keptPatches: Int32Array.of(3, -1, -1), offsets: Int32Array.of(0, 3, 2, 3) },
      /offsets\[2\]: .*at least 3, found 2/,
    ],
    ["a column twice", { columns: Int32Array.of(3, 3, 4) }, /row 0: .*each column once/],
    [
      "a foreign kept patch",
      { keptPatches: Int32Array.of(2, -1) },
      /row 0: .*its own columns, or -1, found 2/,
    ],
    ["a kept class token", { keptPatches: Int32Array.of(3, 4) }, /row 1: .*found 4/],
    ["another negative one", { keptPatches: Int32Array.of(3, -2) }, /row 1: .*found -2/],
    ["a column beyond", { columns: Int32Array.of(3, 5, 4) }, /columns: .*expected 0 \.\. 4, found 5/],
    ["a negative column", { columns: Int32Array.of(3, -1, 4) }, /columns: .*found -1/],
    ["no number", { weights: Float32Array.of(1, Number.NaN, 1) }, /weights: .*finite numbers, found NaN/],
    ["infinity", { weights: Float32Array.of(1, Number.NEGATIVE_INFINITY, 1) }, /weights: .*found -Infinity/],
    [
      "a patch kept twice",
      { keptPatches: Int32Array.of(3, 3), columns: Int32Array.of(3, 1, 3) },
      /keptPatches: .*distinct patches/,
    ],
  ])("%s", (_, change, message) => {
    expect(() => checkPlan({ ...plan, ...change })).toThrow(refusal(message));
  });
});

describe("a plan that only counts its rows", () => {
  const unknown = unknownPlan(5, 6);

  test("is well formed, stands on no patch and says so", () => {
    expect(() => checkPlan(unknown)).not.toThrow();
    expect(unknown.patches).toBe(6);
    expect([...unknown.keptPatches]).toEqual([-1, -1, -1, -1, -1]);
    expect(isUnknownPlan(unknown)).toBe(true);
    expect(isUnknownPlan({ ...unknown, columns: Int32Array.of(0), weights: Float32Array.of(1) })).toBe(false);
  });

  test.each([
    ["applied", () => applyPlan(unknown, { rows: 6, columns: 1, data: new Float32Array(6) })],
    ["written out", () => densePlan(unknown)],
    ["traced", () => tracePlan(unknown)],
  ])("can not be %s", (_, use) => {
    expect(use).toThrow(refusal(/which patches were kept is not known.*baked into/, "INVALID_OPTION"));
  });
});

describe("signals that do not fit are refused, and named", () => {
  const matrix = (rows: number, columns: number) => ({
    rows,
    columns,
    data: new Float32Array(rows * columns).fill(0.5),
  });
  const signals: Signals = {
    grid: { rows: 2, columns: 3 },
    patches: matrix(6, 5),
    keys: matrix(7, 4),
    queries: matrix(1, 4),
    classToken: true,
    heads: 2,
  };
  const withoutClass: Signals = { ...signals, keys: matrix(6, 4), queries: matrix(6, 4), classToken: false };

  test("sound ones are not", () => {
    expect(() => checkSignals(signals)).not.toThrow();
    expect(() => checkSignals(withoutClass)).not.toThrow();
    expect(() => checkSignals({ ...signals, heads: 1, classAttention: new Float32Array(6) })).not.toThrow();
    const smallest = { ...signals, grid: { rows: 1, columns: 1 }, patches: matrix(1, 1), keys: matrix(2, 4) };
    expect(() => checkSignals(smallest)).not.toThrow();
    const narrow = { ...signals, keys: matrix(7, 1), queries: matrix(1, 1), heads: 1 };
    expect(() => checkSignals(narrow)).not.toThrow();
  });

  test.each<[string, Partial<Signals>, RegExp]>([
    ["no grid", { grid: { rows: 0, columns: 3 } }, /grid: .*whole sides of at least 1, found 0 x 3/],
    ["a broken grid", { grid: { rows: 1.5, columns: 4 } }, /grid: .*found 1\.5 x 4/],
    ["another grid", { grid: { rows: 2, columns: 2 } }, /patches: .*expected 2 x 2 rows.*found 6 rows/],
    ["patches of no width", { patches: matrix(6, 0) }, /patches: .*expected \[6, 0\], found \[6, 0\]/],
    [
      "patches cut off",
      { patches: { ...matrix(6, 5), data: new Float32Array(29) } },
      /patches: .*expected \[6, 5\], found \[6, 5\] with 29 values/,
    ],
    ["keys without the class token", { keys: matrix(6, 4) }, /keys: .*expected \[7, 4\], found \[6, 4\]/],
    ["two queries", { queries: matrix(2, 4) }, /queries: .*expected \[1, 4\], found \[2, 4\]/],
    ["another width of queries", { queries: matrix(1, 5) }, /queries: .*expected \[1, 4\], found \[1, 5\]/],
    ["heads that do not divide", { heads: 3 }, /heads: .*a divisor of the width 4, found 3/],
    ["no heads", { heads: 0 }, /heads: .*found 0/],
    ["negative heads", { heads: -1 }, /heads: .*found -1/],
    ["half a head", { heads: 0.5 }, /heads: .*found 0\.5/],
    ["attention cut off", { classAttention: new Float32Array(5) }, /classAttention: .*6 values.*found 5/],
    [
      "attention that is no number",
      { classAttention: Float32Array.of(0, 0, 0, Number.NaN, 0, 0) },
      /classAttention: .*finite numbers, found NaN at index 3/,
    ],
  ])("%s", (_, change, message) => {
    expect(() => checkSignals({ ...signals, ...change })).toThrow(refusal(message));
  });

  test("every signal is read for numbers that are none, from the first to the last", () => {
    for (const name of ["patches", "keys", "queries"] as const) {
      for (const at of [0, signals[name].data.length - 1]) {
        const data = signals[name].data.slice();
        data[at] = Number.POSITIVE_INFINITY;
        expect(() => checkSignals({ ...signals, [name]: { ...signals[name], data } })).toThrow(
          refusal(new RegExp(`${name}: .*finite numbers, found Infinity at index ${at}`)),
        );
      }
    }
  });

  test("without a class token keys and queries are as many as patches", () => {
    expect(() => checkSignals({ ...withoutClass, keys: matrix(7, 4) })).toThrow(refusal(/keys/));
    expect(() => checkSignals({ ...withoutClass, queries: matrix(1, 4) })).toThrow(refusal(/queries/));
  });

  test("a class attention alone", () => {
    expect(() => checkClassAttention(new Float32Array(6), 6)).not.toThrow();
    expect(() => checkClassAttention(new Float32Array(7), 6)).toThrow(refusal(/classAttention: .*found 7/));
  });

  describe("kept patches", () => {
    test.each<[string, number[], boolean, RegExp]>([
      ["one beyond", [6], true, /mergePlan: .*expected distinct patches 0 \.\. 5, found 6/],
      ["a negative one", [-1], true, /found -1/],
      ["a broken one", [0.5], true, /found 0\.5/],
      ["one twice", [1, 4, 1], true, /found a patch twice/],
      ["none without a global token", [], false, /distinct patches 0 \.\. 5, at least one, found none/],
    ])("%s are refused", (_, kept, globalToken, message) => {
      expect(() => mergePlan(signals, kept, { globalToken })).toThrow(refusal(message));
    });

    test("none are enough with a global token, which is then the sum over all", () => {
      const plan = mergePlan(signals, [], { attention: Float32Array.of(1, 2, 3, 4, 5, 6) });
      expect([...plan.keptPatches]).toEqual([-1]);
      expect([...densePlan(plan).data]).toEqual([1, 2, 3, 4, 5, 6]);
    });

    test("the first and the last patch are patches", () => {
      expect([...mergePlan(signals, [0, 5], { globalToken: false }).keptPatches]).toEqual([0, 5]);
    });
  });
});
