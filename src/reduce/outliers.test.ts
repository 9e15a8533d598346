import { describe, expect, test } from "vitest";
import { outlierRule, pooledOutlierRatio } from "./outliers.js";
import { selectPatches } from "./selection.js";

describe("outliers by the interquartile range", () => {
  // numpy: q1, q3 = percentile([1 .. 8, 20], [25, 75]) = 3, 7; fence 7 + 1.5 * 4 = 13.
  const attention = Float32Array.of(8, 1, 7, 2, 20, 6, 3, 5, 4);

  test("quartiles, fence and count", () => {
    expect(outlierRule(attention)).toEqual({ firstQuartile: 3, thirdQuartile: 7, fence: 13, outliers: 1 });
    expect(outlierRule(attention, 0.25)).toMatchObject({ fence: 8, outliers: 1 });
    expect(outlierRule(attention, 0)).toMatchObject({ fence: 7, outliers: 2 });
  });

  test("leave the attention as it is", () => {
    const before = attention.slice();
    outlierRule(attention);
    expect(attention).toEqual(before);
  });

  test("lie strictly above the fence", () => {
    expect(outlierRule(Float32Array.of(8, 1, 7, 2, 13, 6, 3, 5, 4))).toMatchObject({
      fence: 13,
      outliers: 0,
    });
    expect(outlierRule(new Float32Array(9).fill(0.5))).toMatchObject({ fence: 0.5, outliers: 0 });
  });

  test("are pooled over pictures: quartiles and count over all of them at once", () => {
    expect(pooledOutlierRatio([attention])).toBeCloseTo(1 / 9, 6);
    // Together 1 .. 8, 20 and nine times 0: q1 = 0, q3 = 4.75 by numpy, fence 11.875; nine zeros alone have none.
    expect(pooledOutlierRatio([attention, new Float32Array(9)])).toBeCloseTo(1 / 18, 6);
    // 0, 1, 0: q1 = 0, q3 = 0.5, fence 1.25 by numpy; a factor of 0.5 makes it 0.75.
    const two = [Float32Array.of(0), Float32Array.of(1, 0)];
    expect([pooledOutlierRatio(two), pooledOutlierRatio(two, 0.5)]).toEqual([0, 1 / 3]);
  });
});

describe("the released code's rounding", () => {
  const grid = { rows: 3, columns: 3 };
  const attention = Float32Array.of(8, 1, 7, 2, 20, 6, 3, 5, 4);
  const settings = {
    exact: false,
    count: 0,
    iqrFactor: 0, // two outliers of nine
    globalToken: true,
    rasterOrder: false,
    spatial: false,
  };

  test("int(N ratio) kept outliers, of this picture's share or of the one given", () => {
    expect([...selectPatches(attention, grid, settings)]).toEqual([4, 0]);
    expect([...selectPatches(attention, grid, { ...settings, released: {} })]).toEqual([4, 0]);
    const pooled = (outlierRatio: number) => [
      ...selectPatches(attention, grid, { ...settings, released: { outlierRatio } }),
    ];
    expect(pooled(0.34)).toEqual([4, 0, 2]); // int(3.06)
    expect(pooled(0.33)).toEqual([4, 0]); // int(2.97)
    expect(pooled(0)).toEqual([]);
  });

  test("int(1 / ratio) as PruMerge+'s step, of which a third is the stride", () => {
    const plus = { ...settings, spatial: true };
    // 2 of 9: the step is 4 either way, the stride 1.
    expect([...selectPatches(attention, grid, plus)]).toEqual([4, 0, 1, 2, 3, 5, 6, 7]);
    // 1 / 0.15 = 6.67, int 6, stride 2; int(9 * 0.15) = 1 outlier.
    expect([...selectPatches(attention, grid, { ...plus, released: { outlierRatio: 0.15 } })]).toEqual([
      4, 0, 2, 6,
    ]);
    // No outliers at all: four lines by four, or as many as the grid has.
    expect([...selectPatches(attention, grid, { ...plus, released: { outlierRatio: 0 } })]).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8,
    ]);
  });
});
