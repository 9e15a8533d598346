import { describe, expect, test } from "vitest";
import { applyPlan, densePlan } from "./apply-plan.js";
import { type MergePlan, planRows } from "./plan.js";
import { tracePlan } from "./trace.js";

/** Row 0 stands on patch 2 and takes half of patch 0; row 1 is the class token; row 2 stands on patch 1. */
const plan: MergePlan = {
  patches: 3,
  keptPatches: Int32Array.of(2, -1, 1),
  offsets: Int32Array.of(0, 2, 3, 4),
  columns: Int32Array.of(2, 0, 3, 1),
  weights: Float32Array.of(1, 0.5, 1, 1),
};
const tokens = { rows: 4, columns: 2, data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) };

describe("a plan", () => {
  test("is applied row by row, the class token being row N", () => {
    expect([...applyPlan(plan, tokens).data]).toEqual([5.5, 7, 7, 8, 3, 4]);
    expect(planRows(plan)).toBe(3);
  });

  test("is applied into memory handed in", () => {
    const out = new Float32Array(6).fill(9);
    expect(applyPlan(plan, tokens, out).data).toBe(out);
    expect([...out]).toEqual([5.5, 7, 7, 8, 3, 4]);
  });

  test("refuses tokens or memory of another size", () => {
    const few = { rows: 3, columns: 2, data: tokens.data.subarray(2) };
    expect(() => applyPlan(plan, few)).toThrow(
      "tokens.rows: a size does not fit the plan; expected 4, found 3",
    );
    expect(() => applyPlan(plan, { ...tokens, columns: 3 })).toThrow(/tokens\.data/);
    expect(() => applyPlan(plan, tokens, new Float32Array(5))).toThrow(/out: .*expected 6, found 5/);
  });

  test("is written out as a dense matrix", () => {
    expect(densePlan(plan)).toEqual({
      rows: 3,
      columns: 4,
      data: Float32Array.of(0.5, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0),
    });
  });

  test("is traced in both directions", () => {
    const { rows, patches } = tracePlan(plan);
    expect(rows[0]).toEqual({
      keptPatch: 2,
      sources: [
        { patch: 2, weight: 1 },
        { patch: 0, weight: 0.5 },
      ],
    });
    expect(rows[1]).toEqual({ keptPatch: -1, sources: [{ patch: 3, weight: 1 }] });
    expect(patches).toEqual([
      { keptRow: -1, rows: [{ row: 0, weight: 0.5 }] },
      { keptRow: 2, rows: [{ row: 2, weight: 1 }] },
      { keptRow: 0, rows: [{ row: 0, weight: 1 }] },
    ]);
  });
});
