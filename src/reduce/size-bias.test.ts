import { describe, expect, it, test } from "vitest";
import { seededRandom } from "../tensor/random.js";
import { applyPlan } from "./apply-plan.js";
import { checkPlan } from "./check-plan.js";
import { pruMerge } from "./methods/prumerge.js";
import { pruMergePlus } from "./methods/prumerge-plus.js";
import { tokenMerging } from "./methods/tome.js";
import { visionZip } from "./methods/visionzip.js";
import { createReducer } from "./registry.js";
import { rowSizes } from "./row-sizes.js";
import { gatherSignals, type Signals } from "./signals.js";

const grid = { rows: 6, columns: 6 };
const count = 36;

function signalsOf(seed: number): Signals {
  const random = seededRandom(seed);
  const matrix = (rows: number, columns: number) => ({
    rows,
    columns,
    data: Float32Array.from({ length: rows * columns }, () => random() - 0.5),
  });
  const tokens = () => ({ keys: matrix(count + 1, 8), queries: matrix(count + 1, 8) });
  const others = {
    grid,
    patches: matrix(count, 5),
    classToken: true,
    heads: 2,
    projected: matrix(count, 7),
    layers: { [-2]: tokens() },
    classFeatures: matrix(1, 5),
  };
  return gatherSignals(others, { keys: matrix(count + 1, 8), queries: matrix(1, 8) });
}

describe("the size bias", () => {
  it.each(["prumerge", "prumerge+", "tome", "visionzip", "cover"])("is an option of %s", (name) => {
    expect(createReducer(name, { sizeBias: true, tokens: 9 })).toMatchObject({
      rowBias: "size",
      options: { sizeBias: true },
    });
    const without = createReducer(name, { sizeBias: false, tokens: 9 });
    expect(without).not.toHaveProperty("rowBias");
    expect(without.options.sizeBias).toBe(false);
    expect(createReducer(name).options.sizeBias).toBe(name === "cover");
    expect(() => createReducer(name, { sizeBias: 1 })).toThrow(/sizeBias.*expected true or false, found 1/);
  });

  it.each(["selection", "divprune", "random"])("is none of %s, whose rows are single patches", (name) => {
    expect(() => createReducer(name, { sizeBias: true })).toThrow(/there is no option "sizeBias"/);
  });

  it("counts the patches of ToMe's rows, and half of a contextual row as one patch", () => {
    const sizes = rowSizes(tokenMerging({ tokens: 9, sizeBias: true }).plan(signalsOf(1)));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeCloseTo(count, 4);
    const plan = visionZip({ tokens: 9, contextual: 2, sizeBias: true }).plan(signalsOf(1));
    [...rowSizes(plan)].forEach((size, row) => {
      const others = plan.offsets[row + 1]! - plan.offsets[row]! - 1;
      expect(size).toBeCloseTo(others === 0 ? 1 : (4 * others) / (others + 1), 4);
    });
  });
});

describe("PruMerge's kept patches as centres", () => {
  const squares = ({ projected }: Signals, a: number, b: number) => {
    const { columns, data } = projected!;
    return Array.from({ length: columns }, (_, c) => data[a * columns + c]! - data[b * columns + c]!).reduce(
      (sum, value) => sum + value * value,
      0,
    );
  };

  test.each([
    pruMerge,
    pruMergePlus,
  ])("are those of the released rule; the others go to the nearest behind the projector", (method) => {
    for (let seed = 1; seed <= 20; seed++) {
      const signals = signalsOf(seed);
      const plan = method({ tokens: 7, merge: "means" }).plan(signals);
      expect(() => checkPlan(plan)).not.toThrow();
      // The count has no row for a global token here.
      expect([...plan.keptPatches]).toEqual([
        ...method({ tokens: 7, globalToken: false }).plan(signals).keptPatches,
      ]);
      const home = new Map<number, number>();
      plan.keptPatches.forEach((centre, row) => {
        const members = plan.columns.subarray(plan.offsets[row], plan.offsets[row + 1]);
        expect(members[0]).toBe(centre);
        for (const patch of members) home.set(patch, centre);
        expect(rowSizes(plan)[row]).toBeCloseTo(members.length, 4);
      });
      expect(home.size).toBe(count);
      for (const [patch, centre] of home) {
        const least = Math.min(...Array.from(plan.keptPatches, (other) => squares(signals, patch, other)));
        expect(squares(signals, patch, centre)).toBeCloseTo(least, 5);
      }
      const rows = applyPlan(plan, { rows: count, columns: 1, data: new Float32Array(count).fill(1) });
      for (const sum of rows.data) expect(sum).toBeCloseTo(1, 6);
    }
  });

  test("stand in raster order where that is asked for, and follow the rule without a count", () => {
    const signals = signalsOf(3);
    const raster = pruMerge({ tokens: 7, merge: "means", order: "raster" }).plan(signals);
    expect([...raster.keptPatches]).toEqual([...raster.keptPatches].sort((a, b) => a - b));
    const rule = pruMerge({ merge: "means" });
    expect([...rule.plan(signals).keptPatches]).toEqual([
      ...pruMerge({ globalToken: false }).plan(signals).keptPatches,
    ]);
    expect(rule.need).toEqual({ layers: [-1], projected: true });
    expect(rule.inGraph?.(count, { exact: false, count: 0 })).toBeUndefined();
  });

  test("are handed on as they are without merging, in the graph too", () => {
    const none = pruMerge({ tokens: 7, merge: "none" });
    expect(none.plan(signalsOf(2))).toEqual(pruMerge({ tokens: 7, neighbours: 0 }).plan(signalsOf(2)));
    expect(none.inGraph?.(count, { exact: true, count: 7 })).toMatchObject({ settings: { neighbours: 0 } });
    expect(createReducer("prumerge", none.options).options).toEqual(none.options);
  });

  test("refuse what has no effect then, and take what records of them hold", () => {
    const refused = [
      [{ merge: "means", neighbours: 3 }, /neighbours.*to be left out with merge: "means"/],
      [{ merge: "none", similarity: "dot-product" }, /similarity.*left out/],
      [{ merge: "means", normalizedMerge: true }, /normalizedMerge.*left out/],
      [{ merge: "means", globalToken: true }, /globalToken.*leaves no patch over/],
      [{ merge: "mean" }, /merge.*one of released, means, none, found "mean"/],
    ] as const;
    for (const [options, message] of refused) expect(() => pruMerge(options as never)).toThrow(message);
    const means = pruMergePlus({ tokens: 7, merge: "means" });
    expect(createReducer("prumerge+", means.options).options).toEqual(means.options);
    expect(means.options.globalToken).toBe(false);
    expect(means.extraRows).toBe(0);
  });
});
