import { describe, expect, it } from "vitest";
import { checkPlan } from "./check-plan.js";
import { insideSignals } from "./inside-signals.js";
import { joinPlans } from "./join-plans.js";
import { noReduction } from "./methods/none.js";
import { pruMerge } from "./methods/prumerge.js";
import { uniformSampling } from "./methods/uniform.js";
import { oneHotRows } from "./one-hot.js";
import { regionRooms } from "./region-rooms.js";
import type { Signals } from "./signals.js";
import { insideSites, oneRegion, type Region, type Sites } from "./sites.js";

const rectangle = { x: 0, y: 0, width: 1, height: 1 };
const frame = 0;
/** A whole view of 3 x 4, one of 3 x 4 with a padded row and column, and one that shows nothing. */
const regions: readonly Region[] = [
  { first: 0, rows: 3, columns: 4, rectangle, frame },
  { first: 12, rows: 3, columns: 4, rectangle, frame, inside: { top: 1, left: 0, rows: 2, columns: 3 } },
  { first: 24, rows: 3, columns: 4, rectangle, frame, inside: { top: 0, left: 0, rows: 0, columns: 4 } },
];
const sites: Sites = { count: 36, regions };

function signalsOf(classToken: boolean): Signals {
  const matrix = (rows: number, salt: number) => ({
    rows,
    columns: 2,
    data: Float32Array.from({ length: rows * 2 }, (_, i) => Math.sin(i + salt)),
  });
  return {
    grid: { rows: 3, columns: 4 },
    patches: matrix(12, 1),
    keys: matrix(classToken ? 13 : 12, 2),
    queries: matrix(classToken ? 1 : 12, 3),
    classToken,
    heads: 1,
    classAttention: new Float32Array(12).fill(1 / 12),
  };
}

describe("a region", () => {
  it("knows the sites that show the picture, in raster order", () => {
    expect(regions.map((region) => [...insideSites(region)])).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
      [16, 17, 18, 20, 21, 22],
      [],
    ]);
    const padded = {
      first: 12,
      rows: 3,
      columns: 4,
      rectangle,
      frame,
      inside: { top: 0, left: 1, rows: 3, columns: 2 },
    };
    expect([...insideSites(padded)]).toEqual([13, 14, 17, 18, 21, 22]);
    expect(oneRegion({ rows: 2, columns: 3 }, rectangle)).toEqual({
      count: 6,
      regions: [{ first: 0, rows: 2, columns: 3, rectangle, frame }],
    });
  });
});

describe("signals of what shows the picture", () => {
  it("are all of them where everything does", () => {
    const signals = signalsOf(true);
    expect(insideSignals(signals, regions[0]!)).toBe(signals);
  });

  it.each([
    [{ top: 1, left: 0, rows: 2, columns: 4 }, [4, 5, 6, 7, 8, 9, 10, 11]],
    [{ top: 0, left: 1, rows: 3, columns: 2 }, [1, 2, 5, 6, 9, 10]],
  ])("leave out padding on two sides alone, after the projector too: %o", (part, taken) => {
    const projected = { rows: 12, columns: 3, data: Float32Array.from({ length: 36 }, (_, i) => i) };
    const relevance = Float32Array.from({ length: 12 }, (_, patch) => patch / 8);
    const all = { ...signalsOf(true), projected, relevance };
    const inside = insideSignals(all, { ...regions[0]!, inside: part });
    expect(inside.relevance).toEqual(Float32Array.from(taken, (patch) => patch / 8));
    expect(inside.grid).toEqual({ rows: part.rows, columns: part.columns });
    expect(inside.projected).toEqual({
      ...{ rows: taken.length, columns: 3 },
      data: Float32Array.from(taken.flatMap((patch) => [3 * patch, 3 * patch + 1, 3 * patch + 2])),
    });
    expect(insideSignals(signalsOf(true), { ...regions[0]!, inside: part })).not.toHaveProperty("projected");
  });

  it.each([true, false])("leave out padding's rows, class token %s", (classToken) => {
    const signals = signalsOf(classToken);
    const inside = insideSignals(signals, regions[1]!);
    const rows = ({ data }: { data: Float32Array }) =>
      Array.from({ length: data.length / 2 }, (_, row) => data[2 * row]);
    const taken = [4, 5, 6, 8, 9, 10];
    expect(inside.grid).toEqual({ rows: 2, columns: 3 });
    expect(rows(inside.patches)).toEqual(taken.map((patch) => signals.patches.data[2 * patch]));
    const tokens = classToken ? [0, ...taken.map((patch) => patch + 1)] : taken;
    expect(rows(inside.keys)).toEqual(tokens.map((token) => signals.keys.data[2 * token]));
    const queries = classToken ? [0] : taken;
    expect(rows(inside.queries)).toEqual(queries.map((query) => signals.queries.data[2 * query]));
    // Computed over the padding too: to be computed anew.
    expect(inside).not.toHaveProperty("classAttention");
  });
});

describe("plans of regions", () => {
  it("are joined block-diagonally, over the sites of all", () => {
    const first = pruMerge({ tokens: 4, neighbours: 2 }).plan(signalsOf(true));
    const second = oneHotRows(6, Int32Array.of(5, 0));
    const joined = joinPlans(sites, [first, second, undefined]);
    expect(() => checkPlan(joined)).not.toThrow();
    expect(joined.patches).toBe(36);
    expect([...joined.keptPatches]).toEqual([...first.keptPatches, 22, 16]);
    expect([...joined.columns]).toEqual([...first.columns, 22, 16]);
    expect([...joined.weights]).toEqual([...first.weights, 1, 1]);
    expect([...joined.offsets.slice(-3)]).toEqual([0, 1, 2].map((at) => first.columns.length + at));
  });

  it("of regions that give no row leave no row", () => {
    const joined = joinPlans(sites, [undefined, oneHotRows(6, Int32Array.of(1)), undefined]);
    expect([[...joined.keptPatches], [...joined.offsets]]).toEqual([[17], [0, 1]]);
  });
});

describe("a budget over regions", () => {
  it("shares a count by the patches that show the picture, the remainder to the largest fractions", () => {
    const rooms = (tokens: number) =>
      regionRooms(uniformSampling({ tokens }), sites).map((room) => room?.count ?? 0);
    // 12 and 6 of 18 patches.
    expect([1, 2, 3, 4, 9, 10, 17, 18].map(rooms)).toEqual([
      [1, 0, 0],
      [1, 1, 0],
      [2, 1, 0],
      [3, 1, 0],
      [6, 3, 0],
      [7, 3, 0],
      [11, 6, 0],
      [12, 6, 0],
    ]);
    expect(() => rooms(19)).toThrow(/1 to 18/);
  });

  it("gives equal fractions to the earlier view", () => {
    const equal = { count: 24, regions: [regions[0]!, { ...regions[0]!, first: 12 }] };
    expect(regionRooms(uniformSampling({ tokens: 5 }), equal).map((room) => room!.count)).toEqual([3, 2]);
  });

  it("shares a cap as it shares a count, and leaves the rule to each view", () => {
    expect(regionRooms(pruMerge({ maxTokens: 3 }), sites)).toEqual([
      { exact: false, count: 2 },
      { exact: false, count: 1 },
      undefined,
    ]);
    const rule = { exact: false, count: 0 };
    expect(regionRooms(pruMerge(), sites)).toEqual([rule, rule, undefined]);
  });

  it("leaves everything where nothing is reduced", () => {
    expect(regionRooms(noReduction(), sites).map((room) => room?.count)).toEqual([12, 6, undefined]);
  });

  it("is what it always was for one view, rows beside the plan's taken off", () => {
    const one = oneRegion({ rows: 3, columns: 4 }, rectangle);
    expect(regionRooms(pruMerge({ tokens: 13 }), one)).toEqual([{ exact: true, count: 13 }]);
    expect(regionRooms(pruMerge({ tokens: 5 }), one, 1)).toEqual([{ exact: true, count: 4 }]);
  });
});
