import { describe, expect, it } from "vitest";
import { smallLlavaSpec } from "../../../test/support/small-llava.js";
import type { PixelValues } from "../../image/picture.js";
import { insideSites } from "../../reduce/sites.js";
import { llavaNext } from "./run.js";
import type { LlavaNextSpec } from "./spec.js";

const small = smallLlavaSpec();
const spec: LlavaNextSpec = {
  ...small,
  family: "llava-next",
  vision: { ...small.vision, imageSize: 28, patchSize: 14 },
  unpad: "hugging-face",
};

/** Views of 2 x 2 patches. */
function seen(picture: PixelValues["picture"], tiles?: PixelValues["tiles"]): PixelValues {
  const rectangle = { x: 0, y: 0, ...picture };
  const view = { data: new Float32Array(0), height: 28, width: 28, rectangle, frame: 0 };
  const count = 1 + (tiles === undefined ? 0 : tiles.rows * tiles.columns);
  return { views: Array(count).fill(view), picture, ...(tiles !== undefined && { tiles }) };
}

describe("LLaVA-NeXT's views", () => {
  it("are the whole picture and its tiles, of which padding is left out", () => {
    // 2 x 4 patches of two tiles; a picture as high as wide shows in the middle 2 x 2 of them.
    const pixels = seen({ width: 100, height: 100 }, { rows: 1, columns: 2 });
    const sites = llavaNext.sites(pixels, spec);
    expect(sites.count).toBe(12);
    expect(sites.regions[0]).not.toHaveProperty("inside");
    expect(sites.regions.map((region) => [...insideSites(region)])).toEqual([[0, 1, 2, 3], [5, 7], [8, 10]]); // biome-ignore format: views
  });

  it("are put line by line over all tiles, with a separator behind each line", () => {
    const pixels = seen({ width: 100, height: 100 }, { rows: 1, columns: 2 });
    const { plan, origin } = llavaNext.arrange(llavaNext.sites(pixels, spec), pixels, spec);
    expect([...plan.keptPatches]).toEqual([0, 1, 2, 3, 5, 8, 7, 10]);
    expect([...origin]).toEqual([0, 1, 2, 3, 4, 5, -1, 6, 7, -1]);
  });

  it("are the whole picture alone where nothing of the tiles is left, and with one separator where there are none", () => {
    const thin = seen({ width: 1000, height: 10 }, { rows: 1, columns: 2 });
    const rows = (pixels: PixelValues) => {
      const { origin, plan } = llavaNext.arrange(llavaNext.sites(pixels, spec), pixels, spec);
      return [[...origin], [...plan.keptPatches]];
    };
    expect(rows(thin)).toEqual([[0, 1, 2, 3], [0, 1, 2, 3]]); // biome-ignore format: rows
    expect(rows(seen({ width: 100, height: 50 }))).toEqual([[0, 1, 2, 3, -1], [0, 1, 2, 3]]); // biome-ignore format: rows
    expect(llavaNext.sites(thin, spec).regions.map((region) => insideSites(region).length)).toEqual([
      4, 0, 0,
    ]);
  });
});
