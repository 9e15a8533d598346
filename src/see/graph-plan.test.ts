import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyPlan, checkPlan, densePlan, pruMergePlus } from "../reduce/index.js";
import { planFromWeights, withClassTokenRow } from "./graph-plan.js";

const grid = { rows: 4, columns: 4 };

function randomPlan(seed: number) {
  const random = (rows: number, columns: number, salt: number) => ({
    rows,
    columns,
    data: Float32Array.from({ length: rows * columns }, (_, i) => Math.sin((i + 1) * (seed + salt + 0.37))),
  });
  const signals = {
    grid,
    patches: random(16, 3, 1),
    keys: random(17, 3, 2),
    queries: random(1, 3, 3),
    classToken: true,
    heads: 1,
  };
  const plan = pruMergePlus({ tokens: 6, neighbours: 4 }).plan(signals);
  return { plan, patches: signals.patches };
}

describe("planFromWeights", () => {
  it("gives the plan back from its dense form", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), (seed) => {
        const { plan, patches } = randomPlan(seed);
        const dense = densePlan(plan);
        const kept = plan.keptPatches.filter((patch) => patch >= 0);
        const back = planFromWeights(dense, kept);
        checkPlan(back);
        expect(back.keptPatches).toEqual(plan.keptPatches);
        expect(densePlan(back)).toEqual(dense);
        expect(applyPlan(back, patches).data.length).toBe(6 * 3);
      }),
    );
  });

  it("keeps rows of zeros: a global token where everything was kept", () => {
    const plan = planFromWeights({ rows: 2, columns: 1, data: Float32Array.of(1, 0) }, Int32Array.of(0));
    expect([...plan.offsets]).toEqual([0, 1, 1]);
    expect([...plan.keptPatches]).toEqual([0, -1]);
  });
});

describe("withClassTokenRow", () => {
  it("puts the class token before all rows, which stay as they were", () => {
    const { plan, patches } = randomPlan(5);
    const longer = withClassTokenRow(plan);
    checkPlan(longer);
    const tokens = { rows: 17, columns: 3, data: Float32Array.of(...patches.data, 7, 8, 9) };
    const applied = applyPlan(longer, tokens);
    expect([...applied.data.subarray(0, 3)]).toEqual([7, 8, 9]);
    expect(applied.data.subarray(3)).toEqual(applyPlan(plan, patches).data);
  });
});
