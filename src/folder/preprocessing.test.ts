import { describe, expect, it } from "vitest";
import { preprocessingSchema } from "./preprocessing.js";

const square = {
  size: 336,
  aspect: "crop",
  shortestEdge: 336,
  resample: "bicubic",
  rescale: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  deviation: [0.5, 0.5, 0.5],
};
const grids = [[336, 672], [672, 336]]; // biome-ignore format: pairs
const tiled = { ...square, aspect: "anyres", grids };

const faults = (value: unknown) =>
  preprocessingSchema.safeParse(value).error?.issues.map(({ path, message }) => `${path}: ${message}`) ?? [];

describe("preprocessingSchema", () => {
  it("takes squares and tiles, and tiles of which one asks for a square", () => {
    for (const value of [square, tiled, { ...tiled, aspect: "stretch" }])
      expect(preprocessingSchema.parse(value)).toEqual(value);
  });

  it.each([
    [{ ...square, aspect: "anyres" }, [/^grids: missing where the aspect is anyres$/]],
    [{ ...tiled, grids: [] }, [/^grids: expected 1 to 256 pairs.*found a list of 0$/]],
    [
      { ...tiled, grids: [[336, 500]] },
      [/^grids: .*multiples of the tile's 336.*found \[336,500\] as number 1$/],
    ],
    [{ ...tiled, grids: [[336 * 65, 336]] }, [/^grids: .*at most 64 tiles/]],
    [{ ...tiled, shortestEdge: 224 }, [/^shortestEdge: expected the tile's 336, found 224$/]],
    [{ ...tiled, grids: "(1x1)" }, [/^grids: /]],
    [{ ...tiled, grids: [[336]] }, [/^grids,0/]],
    [{ ...tiled, tiles: 2 }, [/tiles/]],
  ])("refuses %j", (value, expected) => {
    expect(faults(value)).toEqual(expected.map((fault) => expect.stringMatching(fault)));
  });
});
