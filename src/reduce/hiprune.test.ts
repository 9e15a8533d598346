import { describe, expect, test } from "vitest";
import { seededRandom } from "../tensor/random.js";
import { hiPrune } from "./methods/hiprune.js";
import { receivedAttention } from "./received-attention.js";
import type { EarlierLayer, Signals } from "./signals.js";

const [rows, columns] = [4, 5];
const count = rows * columns;
const matrix = (height: number, width: number, data: Float32Array) => ({
  rows: height,
  columns: width,
  data,
});

/** A layer without a class token whose patches receive the more attention the larger their value: every query is 1. */
function layerOf(values: readonly number[]): EarlierLayer {
  return {
    keys: matrix(values.length, 1, Float32Array.from(values)),
    queries: matrix(values.length, 1, new Float32Array(values.length).fill(1)),
  };
}

/** Falling from the first patch of `order` on; patches that are not in it receive the least, in raster order. */
function layerIn(order: readonly number[]): EarlierLayer {
  const values = Array.from({ length: count }, (_, patch) => -patch / 100);
  order.forEach((patch, at) => {
    values[patch] = 5 - at / 10;
  });
  return layerOf(values);
}

function pictureOf(object: readonly number[], deep: readonly number[]): Signals {
  const patches = matrix(count, 1, new Float32Array(count));
  const layers = { [-16]: layerIn(object), [-2]: layerIn(deep) };
  return {
    grid: { rows, columns },
    patches,
    keys: patches,
    queries: patches,
    classToken: false,
    heads: 1,
    layers,
  };
}
const kept = (options: Parameters<typeof hiPrune>[0], object: readonly number[], deep: readonly number[]) => [
  ...hiPrune(options).plan(pictureOf(object, deep)).keptPatches,
];

describe("hiprune", () => {
  test("keeps an anchor, its four buffers, and the most attended of the others in the deep layer", () => {
    // 8 / 5 is 1.6: two anchors, which are neighbours of each other.
    const both = [2, 6, 7, 8, 11, 12, 13, 17];
    expect(kept({ tokens: 8, alpha: 1 }, [7, 12], [12, 3, 7, 19, 0])).toEqual(both);
    expect(kept({ tokens: 8, alpha: 0.7 }, [7], [12, 3, 7, 19, 0])).toEqual([0, 2, 3, 6, 7, 8, 12, 19]);
  });

  test("rounds halves to the even number, as Python does", () => {
    // 5 x 0.5 / 5 is half a patch: none; 15 x 0.5 / 5 is one and a half: two.
    expect(kept({ tokens: 5, alpha: 0.5 }, [7], [0, 1, 2, 3, 4])).toEqual([0, 1, 2, 3, 4]);
    expect(kept({ tokens: 15, alpha: 0.5 }, [7, 19], [])).toEqual(
      expect.arrayContaining([6, 7, 8, 14, 18, 19]),
    );
  });

  test("takes buffers in raster order whatever the row's ends, and the first or last patch beyond the picture", () => {
    expect(kept({ tokens: 5, alpha: 1 }, [5], [])).toEqual([0, 4, 5, 6, 10]);
    expect(kept({ tokens: 4, alpha: 1 }, [0], [15])).toEqual([0, 1, 5, 15]);
    expect(kept({ tokens: 4, alpha: 1 }, [19], [2])).toEqual([2, 14, 18, 19]);
  });

  test("keeps anchors first where they and their buffers are too many, then buffers of the strongest", () => {
    expect(kept({ tokens: 4, alpha: 3 }, [7, 17], [])).toEqual([6, 7, 8, 17]);
    expect(kept({ tokens: 2, alpha: 1000 }, [7, 17], [])).toEqual([7, 17]);
  });

  test("has the released program's literal grid where that is asked for", () => {
    const released = { tokens: 6, alpha: 1, compatibility: "released" } as const;
    // 24 patches further on lies the last patch, 19, here.
    expect(kept(released, [12], [1])).toEqual([0, 1, 11, 12, 13, 19]);
    expect(hiPrune(released).options).toMatchObject({
      compatibility: "released",
      alpha: 1,
      objectLayer: -16,
    });
  });

  test("reads its two layers and refuses signals without them", () => {
    expect(hiPrune().need).toEqual({ layers: [-16, -2] });
    expect(hiPrune({ objectLayer: -2 }).need).toEqual({ layers: [-2] });
    const { layers: _, ...without } = pictureOf([], []);
    expect(() => hiPrune({ tokens: 2 }).plan(without)).toThrow(/layers\[-16\]/);
  });

  test.each([
    [{ alpha: -0.1 }, /alpha.*from 0 to 1000/],
    [{ alpha: Number.NaN }, /alpha/],
    [{ objectLayer: -1 }, /objectLayer.*found -1/],
    [{ compatibility: "paper" }, /compatibility/],
    [{ anchors: 3 }, /no option "anchors"/],
  ])("refuses %o", (options, message) => {
    expect(() => hiPrune(options as never)).toThrow(message);
  });
});

test.each([
  [true, 1],
  [false, 2],
])("received attention is the mean over heads and queries (class token: %s)", (classToken, heads) => {
  const random = seededRandom(2);
  const [tokens, width] = [7, 3];
  const any = () =>
    matrix(
      tokens,
      heads * width,
      Float32Array.from({ length: tokens * heads * width }, () => 4 * random() - 2),
    );
  const layer = { keys: any(), queries: any() };
  const sums = new Array(tokens).fill(0);
  for (let head = 0; head < heads; head++) {
    for (let query = 0; query < tokens; query++) {
      const powers = sums.map((_, key) => {
        let dot = 0;
        for (let c = head * width; c < (head + 1) * width; c++) {
          dot += layer.queries.data[query * heads * width + c]! * layer.keys.data[key * heads * width + c]!;
        }
        return Math.exp(dot / Math.sqrt(width));
      });
      const total = powers.reduce((sum, power) => sum + power, 0);
      powers.forEach((power, key) => {
        sums[key] += power / total / tokens / heads;
      });
    }
  }
  const received = receivedAttention(layer, heads, classToken);
  const wanted = classToken ? sums.slice(1) : sums;
  expect(received.length).toBe(wanted.length);
  received.forEach((value, at) => {
    expect(value).toBeCloseTo(wanted[at], 6);
  });
});
