import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseOriginalGrids } from "./original-grids.js";

interface Text {
  readonly text: string;
  readonly tile: number;
  readonly widths_and_heights: readonly (readonly [number, number])[];
}

const { texts }: { texts: readonly Text[] } = JSON.parse(
  readFileSync(new URL("../../../../test/fixtures/tiles/tiles.json", import.meta.url), "utf8"),
);

const parse = (value: unknown, tile = 336) => parseOriginalGrids(value, tile, "folder/config.json");

describe("parseOriginalGrids", () => {
  it.each(texts)("reads $text as the original program does", ({ text, tile, widths_and_heights: pairs }) => {
    expect(parse(text, tile)).toEqual(pairs.map(([width, height]) => [height, width]));
    expect(parse(pairs, tile)).toEqual(pairs.map(([width, height]) => [height, width]));
  });

  it("turns width first to height first and keeps the order", () => {
    const grids = [[672, 336], [336, 672], [672, 672]]; // biome-ignore format: pairs
    expect(parse([[336, 672], [672, 336], [672, 672]])).toEqual(grids); // biome-ignore format: pairs
    for (const text of [
      "[(336, 672), (672, 336), (672, 672)]",
      "[[336,672],[672,336],[672,672]]",
      "(( 336 , 672 ),\n [672, 336,], (672,672),)",
    ]) {
      expect(parse(text), text).toEqual(grids);
    }
    expect(parse("(1x2),(1x3)")).toEqual([[672, 336], [1008, 336]]); // biome-ignore format: pairs
  });

  it.each([
    ["pairs that the older programs take as they stand and the newer as a range", "(1x1),(2x2)"],
    ["a range that leads nowhere", "(2x2),...,(1x1)"],
    ["a range without an end worth trying", "(1x1),...,(99999999x99999999)"],
    ["a range of more pairs than are tried", "(1x1),...,(17x17)"],
    ["a pair of more tiles than are run", "(9x9)"],
    ["dots alone", "..."],
    ["dots without a beginning", "...,(2x2)"],
    ["nothing", undefined],
    ["an empty text", ""],
    ["an empty list", "[]"],
    ["code", "__import__('os')"],
    ["a number with a gap", "[(33 6, 672)]"],
    ["pairs without a comma between them", "[(336, 672)(672, 336)]"],
    ["fractions", "[(336.0, 672)]"],
    ["a pair alone", "(336, 672)"],
    ["three numbers", [[336, 672, 336]]],
    ["no multiples of the tile", [[336, 700]]],
    ["negative sides", [[-336, -336]]],
    ["a number", 336],
    ["a text without an end", `[${"(336, 672), ".repeat(2000)}]`],
  ])("refuses %s", (_, value) => {
    const refusal = expect.objectContaining({
      code: "INVALID_FILE",
      message: expect.stringMatching(
        /^folder\/config\.json: image_grid_pinpoints .*multiples of the tile's 336.*at most 64 tiles/,
      ),
    });
    expect(() => parse(value)).toThrow(refusal);
  });

  it("names the pair that does not fit", () => {
    expect(() => parse([[336, 336], [336, 1]])).toThrow(/found \[1,336\] as number 2/); // biome-ignore format: pairs
  });
});
