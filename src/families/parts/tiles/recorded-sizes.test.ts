import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { chooseGrid } from "../../../image/tiles/choose-grid.js";
import { fitGrid } from "../../../image/tiles/fit-grid.js";
import type { TileGrid } from "../../../image/tiles/grid.js";

import { type UnpadRule, unpad } from "./unpad.js";

interface Recorded {
  readonly rule: UnpadRule;
  readonly sizes: keyof typeof sizes;
  readonly tile: number;
  readonly side: number;
  readonly grids: "next" | "onevision";
  readonly sha256: string;
}

const { geometry }: { geometry: readonly Recorded[] } = JSON.parse(
  readFileSync(new URL("../../../../test/fixtures/tiles/tiles.json", import.meta.url), "utf8"),
);

const range = (to: number, step = 1) =>
  Array.from({ length: Math.ceil((to - 1) / step) }, (_, i) => 1 + i * step);
const pairs = (widths: number[], heights: number[]) => widths.flatMap((w) => heights.map((h) => [w, h]));

/** The sizes of `make.py`, in its order. */
const sizes = {
  small: pairs(range(331), range(331)),
  large: pairs(range(6000, 37), range(6000, 41)),
  thin: range(3001).flatMap((long) => [1, 2, 3].flatMap((short) => [[long, short], [short, long]])), // biome-ignore format: pairs
  longest: [[65535, 1], [1, 65535], [65535, 65535], [65535, 7], [49151, 48]], // biome-ignore format: pairs
};

const factors = range(7).flatMap((one) => range(7).map((other) => [one, other]));
const lists = { next: [[1, 2], [2, 1], [2, 2], [3, 1], [1, 3]], onevision: factors }; // biome-ignore format: pairs

describe("the geometry of pictures in tiles", () => {
  it.each(geometry)("is what the released programs work out: $rule, $grids, $sizes", (recorded) => {
    const { rule, tile, side } = recorded;
    // The original program reads the same numbers as width and height.
    const grids = lists[recorded.grids].map(
      ([one, other]): TileGrid =>
        rule === "original" ? [other! * tile, one! * tile] : [one! * tile, other! * tile],
    );
    const rows = sizes[recorded.sizes].flatMap(([width, height]) => {
      const picture = { width: width!, height: height! };
      const grid = chooseGrid(picture.width, picture.height, grids);
      const place = fitGrid(picture.width, picture.height, grid);
      const [rows, columns] = grid.map((length) => (length / tile) * side) as [number, number];
      const shown = unpad(picture, { rows, columns }, rule);
      return [...grid, place.height, place.width, shown.rows, shown.columns];
    });
    expect(createHash("sha256").update(Int32Array.from(rows)).digest("hex")).toBe(recorded.sha256);
  });
});
