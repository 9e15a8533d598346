import { expect, test } from "vitest";
import { seededRandom } from "../../tensor/random.js";
import { checkPlan } from "../check-plan.js";
import { joinPlans } from "../join-plans.js";
import type { Signals } from "../signals.js";
import type { Region } from "../sites.js";
import { visionZip } from "./visionzip.js";

function picture(classToken: boolean, last = 1): Signals {
  const random = seededRandom(5);
  const matrix = (rows: number) => ({
    rows,
    columns: 8,
    data: Float32Array.from({ length: rows * 8 }, random),
  });
  const tokens = classToken ? 37 : 36;
  const layer = { keys: matrix(tokens), queries: matrix(tokens) };
  const zeros = (rows: number) => ({ rows, columns: 8, data: new Float32Array(rows * 8).fill(last) });
  return {
    grid: { rows: 6, columns: 6 },
    patches: zeros(36),
    keys: zeros(tokens),
    queries: zeros(classToken ? 1 : 36),
    classToken,
    heads: 2,
    layers: { [-2]: layer },
  };
}

test("without a class token all rows are patches", () => {
  const plan = visionZip({ tokens: 13 }).plan(picture(false));
  checkPlan(plan);
  expect(plan.keptPatches).toHaveLength(13);
  expect([...plan.keptPatches].every((patch) => patch >= 0)).toBe(true);
  expect(() => visionZip({ tokens: 37 }).plan(picture(false))).toThrow(/from 1 to 36/);
  expect(visionZip({ tokens: 37 }).plan(picture(true)).keptPatches).toHaveLength(37);
});

test("the last layer's keys and queries have no say", () => {
  const reducer = visionZip({ tokens: 16 });
  expect(reducer.plan(picture(true, 1))).toEqual(reducer.plan(picture(true, 0)));
});

test("rows that gather are 5 in 32 of the count, or as many as asked for; each is one patch and a mean", () => {
  const gathering = (options: object) => {
    const { keptPatches, offsets, weights } = visionZip(options).plan(picture(true));
    const last = [...keptPatches.keys()].filter((row) => offsets[row + 1]! - offsets[row]! > 1);
    for (const row of last) {
      const [own, ...others] = weights.subarray(offsets[row], offsets[row + 1]);
      expect(own).toBe(1);
      expect(others.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 6);
    }
    return last.length;
  };
  const kept = (options: object) => [...visionZip(options).plan(picture(true)).keptPatches];
  expect(kept({ tokens: 16 }).slice(0, 13)).toEqual(kept({ tokens: 13, contextual: 0 })); // 2.5, halves up
  expect(kept({ tokens: 16 }).slice(0, 14)).not.toEqual(kept({ tokens: 14, contextual: 0 }));
  expect(gathering({ tokens: 16 })).toBeGreaterThan(0);
  expect(gathering({ tokens: 16, contextual: 0 })).toBe(0);
  expect(() => visionZip({ tokens: 16, contextual: 16 }).plan(picture(true))).toThrow(/from 0 to 15/);
  expect(() => visionZip({ contextual: -1 })).toThrow(/contextual/);
});

test("the class tokens of several views stand behind all patches", () => {
  const rectangle = { x: 0, y: 0, width: 1, height: 1 };
  const view = (first: number): Region => ({ first, rows: 6, columns: 6, rectangle, frame: 0 });
  const plan = visionZip({ tokens: 4 }).plan(picture(true));
  const joined = joinPlans({ count: 72, regions: [view(0), view(36)] }, [plan, plan]);
  checkPlan(joined, 2);
  expect([joined.columns[0], joined.columns[joined.offsets[4]!]]).toEqual([72, 73]);
  expect(() => checkPlan(joined)).toThrow(/0 \.\. 72, found 73/);
});
