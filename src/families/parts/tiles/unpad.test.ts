import { describe, expect, it } from "vitest";
import { insideTile, unpad } from "./unpad.js";

describe("unpad", () => {
  const grid = { rows: 48, columns: 48 };

  it("keeps the middle", () => {
    expect(unpad({ width: 640, height: 480 }, grid, "hugging-face")).toEqual({
      top: 6,
      left: 0,
      rows: 36,
      columns: 48,
    });
    expect(unpad({ width: 480, height: 640 }, grid, "hugging-face")).toEqual({
      top: 0,
      left: 6,
      rows: 48,
      columns: 36,
    });
  });

  it("rounds before it cuts off where transformers does, and not where the original does not", () => {
    const tall = { rows: 72, columns: 24 };
    const picture = { width: 352, height: 836 };
    expect(unpad(picture, tall, "hugging-face")).toMatchObject({ rows: 58 });
    expect(unpad(picture, tall, "original")).toMatchObject({ rows: 56 });
  });

  it("may keep nothing", () => {
    expect(unpad({ width: 1000, height: 10 }, { rows: 24, columns: 72 }, "hugging-face")).toMatchObject({
      rows: 0,
    });
    expect(unpad({ width: 10, height: 1000 }, { rows: 72, columns: 24 }, "hugging-face")).toMatchObject({
      rows: 72,
      columns: 0,
    });
  });
});

describe("insideTile", () => {
  const patches = { rows: 4, columns: 4 };
  const shown = { top: 3, left: 5, rows: 2, columns: 2 };

  it.each([
    [0, 0, { top: 3, left: 4, rows: 1, columns: 0 }],
    [0, 1, { top: 3, left: 1, rows: 1, columns: 2 }],
    [1, 1, { top: 0, left: 1, rows: 1, columns: 2 }],
    [1, 2, { top: 0, left: 0, rows: 1, columns: 0 }],
    [2, 1, { top: 0, left: 1, rows: 0, columns: 2 }],
  ])("is what of the tile in row %i, column %i shows the picture", (row, column, inside) => {
    expect(insideTile(shown, { row, column }, patches)).toEqual(inside);
  });

  it("stays within the tile where nothing is shown", () => {
    const nothing = { top: 4, left: 0, rows: 0, columns: 8 };
    expect(insideTile(nothing, { row: 0, column: 0 }, patches)).toEqual({
      top: 4,
      left: 0,
      rows: 0,
      columns: 4,
    });
  });
});
