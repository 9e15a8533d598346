import { describe, expect, it } from "vitest";
import { packedOrder } from "./pack.js";

const patches = { rows: 2, columns: 2 };
const tiles = { rows: 1, columns: 2 };

describe("packedOrder", () => {
  it("interleaves the tiles' lines and ends each with a separator", () => {
    const whole = { top: 0, left: 0, rows: 2, columns: 4 };
    expect([...packedOrder(patches, tiles, whole)]).toEqual(
      [0, 1, 2, 3, 4, 5, 8, 9, -1, 6, 7, 10, 11, -1], // biome-ignore format: lines
    );
  });

  it("takes what is left of the tiles alone", () => {
    const middle = { top: 0, left: 1, rows: 2, columns: 2 };
    expect([...packedOrder(patches, tiles, middle)]).toEqual([0, 1, 2, 3, 5, 8, -1, 7, 10, -1]);
  });

  it("gives the whole picture alone where no row is left, and separators where no column is", () => {
    const base = [0, 1, 2, 3];
    expect([...packedOrder(patches, tiles, { top: 1, left: 0, rows: 0, columns: 4 })]).toEqual(base);
    expect([...packedOrder(patches, tiles, { top: 0, left: 2, rows: 2, columns: 0 })]).toEqual([
      ...base,
      -1,
      -1,
    ]);
  });

  it("counts tiles row by row", () => {
    const square = { rows: 2, columns: 2 };
    const last = { top: 3, left: 3, rows: 1, columns: 1 };
    expect([...packedOrder(patches, square, last)]).toEqual([0, 1, 2, 3, 19, -1]);
  });
});
