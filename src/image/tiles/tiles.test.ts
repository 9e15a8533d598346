import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { preprocess } from "../preprocess.js";
import type { PreprocessSpec } from "../preprocess-spec.js";

interface Recorded {
  readonly tile: number;
  readonly width: number;
  readonly height: number;
  readonly views: number;
  readonly sha256: Readonly<Record<"pillow" | "torchvision", string>>;
}

const { pictures }: { pictures: readonly Recorded[] } = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/tiles/tiles.json", import.meta.url), "utf8"),
);

/** Bytes as `make.py` makes them up. */
function madeUp(width: number, height: number) {
  let state = 12345n;
  const next = () => {
    state = (state * 1103515245n + 12345n) % 2n ** 31n;
    return Number(state >> 16n) & 255;
  };
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, next) };
}

const factors = [[1, 2], [2, 1], [2, 2], [3, 1], [1, 3]] as const; // biome-ignore format: pairs

/** With values that are the bytes themselves. */
const tiled = (tile: number): PreprocessSpec => ({
  size: tile,
  shortestEdge: tile,
  aspect: "anyres",
  grids: factors.map(([height, width]) => [height * tile, width * tile] as const),
  resample: "bicubic",
  rescale: 1,
  mean: [0, 0, 0],
  deviation: [1, 1, 1],
});

const backends = ["pillow", "torchvision"] as const;

describe("pictures in tiles", () => {
  it.each(
    pictures.flatMap((picture) => backends.map((resampler) => ({ ...picture, resampler }))),
  )("equal transformers on $resampler: $width x $height in tiles of $tile", (recorded) => {
    const { tile, width, height, resampler } = recorded;
    const { views } = preprocess(madeUp(width, height), { ...tiled(tile), resampler });
    expect(views).toHaveLength(recorded.views);
    const hash = createHash("sha256");
    for (const { data } of views) hash.update(Uint8Array.from(data));
    expect(hash.digest("hex")).toBe(recorded.sha256[resampler]);
  });

  it("tell where each lies, in pixels of the picture", () => {
    const pixels = preprocess(madeUp(30, 20), tiled(8));
    // 30 x 20 becomes 16 x 11 in 16 x 16, below 2 black rows.
    expect(pixels.picture).toEqual({ width: 30, height: 20 });
    expect(pixels.tiles).toEqual({ rows: 2, columns: 2 });
    const tile = { width: 15, height: (8 * 20) / 11 };
    const [top, middle] = [(-2 * 20) / 11, (6 * 20) / 11];
    expect(pixels.views.map(({ rectangle }) => rectangle)).toEqual([
      { x: 0, y: 0, width: 30, height: 20 },
      { x: 0, y: top, ...tile },
      { x: 15, y: top, ...tile },
      { x: 0, y: middle, ...tile },
      { x: 15, y: middle, ...tile },
    ]);
    expect(pixels.views.map(({ width, height, frame }) => [width, height, frame])).toEqual(
      Array(5).fill([8, 8, 0]),
    );
  });

  it("give one square and no tiles where another aspect is asked for", () => {
    const picture = madeUp(30, 20);
    for (const aspect of ["stretch", "pad", "crop"] as const) {
      const { aspect: _, grids: __, ...square } = tiled(8);
      const pixels = preprocess(picture, tiled(8), { aspect });
      expect(pixels).toEqual(preprocess(picture, { ...square, aspect }));
      expect(pixels).not.toHaveProperty("tiles");
    }
    const base = preprocess(picture, tiled(8)).views[0];
    expect(preprocess(picture, tiled(8), { aspect: "stretch" }).views).toEqual([base]);
  });

  it("are refused without grids, and beyond the limits", () => {
    const { grids, ...none } = tiled(8);
    const picture = madeUp(3, 2);
    const refused = (spec: PreprocessSpec, message: RegExp) =>
      expect(() => preprocess(picture, spec)).toThrow(
        expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringMatching(message) }),
      );
    refused(none, /anyres of a model without tiles.*crop, pad or stretch/);
    expect(() => preprocess(picture, { ...none, aspect: "crop" }, { aspect: "anyres" })).toThrow(/tiles/);
    refused({ ...none, grids: [] }, /1 to 256 pairs/);
    refused({ ...none, grids: Array(257).fill(grids![0]) }, /found a list of 257/);
    refused({ ...none, grids: [[8, 8], [8, 12]] }, /multiples of the tile's 8.*\[8,12\] as number 2/); // biome-ignore format: pairs
    refused({ ...none, grids: [[8 * 5, 8 * 13]] }, /at most 64 tiles/);
    refused({ ...tiled(4096), grids: [[4096, 8192]] }, /16777216 pixels/);
    expect(preprocess(picture, { ...none, grids: [[64, 64]] }).views).toHaveLength(65);
  });
});
