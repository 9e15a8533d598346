import { describe, expect, it } from "vitest";
import { applyPlan } from "../apply-plan.js";
import { checkPlan } from "../check-plan.js";
import { gatherSignals, type Signals } from "../signals.js";
import type { Grid } from "../sites.js";
import { gridPooling } from "./pool.js";
import { smallerPicture } from "./smaller-picture.js";

/** Patch (r, c) is [r, c]. */
function pictureOf(grid: Grid): Signals {
  const count = grid.rows * grid.columns;
  const data = Float32Array.from({ length: 2 * count }, (_, i) =>
    i % 2 === 0 ? Math.floor(i / 2 / grid.columns) : Math.floor(i / 2) % grid.columns,
  );
  const patches = { rows: count, columns: 2, data };
  return gatherSignals({ grid, patches, classToken: true, heads: 1 }, undefined);
}
const square = { rows: 24, columns: 24 };

describe("grid pooling", () => {
  it("makes 8 x 8 cells of 3 x 3 patches of 24 x 24, each on its middle", () => {
    const picture = pictureOf(square);
    const plan = gridPooling({ tokens: 64 }).plan(picture);
    checkPlan(plan);
    const means = applyPlan(plan, picture.patches).data;
    for (let row = 0; row < 64; row++) {
      const middle = [3 * Math.floor(row / 8) + 1, 3 * (row % 8) + 1];
      expect([means[2 * row], means[2 * row + 1]]).toEqual(middle);
      expect(plan.keptPatches[row]).toBe(24 * middle[0]! + middle[1]!);
    }
  });

  it("is adaptive average pooling where the count is a square that does not divide the grid", () => {
    // torch's adaptive_avg_pool2d of 24 to 5 has windows floor(24 i / 5) .. ceil(24 (i + 1) / 5); these do not overlap.
    const picture = pictureOf(square);
    const means = applyPlan(gridPooling({ tokens: 25 }).plan(picture), picture.patches).data;
    const edges = [0, 4, 9, 14, 19, 24];
    for (let row = 0; row < 25; row++) {
      const centre = (at: number) => (edges[at]! + edges[at + 1]! - 1) / 2;
      expect([means[2 * row], means[2 * row + 1]]).toEqual([centre(Math.floor(row / 5)), centre(row % 5)]);
    }
  });

  it.each([
    square,
    { rows: 3, columns: 7 },
    { rows: 7, columns: 2 },
    { rows: 1, columns: 9 },
    { rows: 27, columns: 27 },
  ])("puts every patch of $rows x $columns into one row, at every count", (grid) => {
    const picture = pictureOf(grid);
    const count = grid.rows * grid.columns;
    for (let tokens = 1; tokens <= count; tokens++) {
      const plan = gridPooling({ tokens }).plan(picture);
      checkPlan(plan);
      expect(plan.keptPatches).toHaveLength(tokens);
      expect([...plan.columns].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, at) => at));
    }
  });

  it("refuses more rows than patches", () => {
    expect(() => gridPooling({ tokens: 22 }).plan(pictureOf({ rows: 3, columns: 7 }))).toThrow(
      /from 1 to 21/,
    );
  });
});

describe("a smaller picture", () => {
  it.each([
    1, 13, 64, 128, 575, 576,
  ])("of %i rows has as many pixels as so many patches, and the rows of pooling", (tokens) => {
    const reducer = smallerPicture({ tokens });
    expect(reducer.pixelShare!(576, { exact: true, count: tokens })).toBe(tokens / 576);
    expect(reducer.plan(pictureOf(square))).toEqual(gridPooling({ tokens }).plan(pictureOf(square)));
  });

  it("is as small as what the model leaves of the count", () => {
    expect(smallerPicture({ tokens: 10 }).pixelShare!(36, { exact: true, count: 9 })).toBe(0.25);
  });
});
