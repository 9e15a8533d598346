import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../tensor/random.js";
import { divPrune } from "./methods/divprune.js";
import { createReducer } from "./registry.js";
import type { Signals } from "./signals.js";

/** A picture of one line whose projected rows are given. */
function pictureOf(rows: readonly (readonly number[])[]): Signals {
  const matrix = (lines: readonly (readonly number[])[]) => ({
    rows: lines.length,
    columns: lines[0]!.length,
    data: Float32Array.from(lines.flat()),
  });
  return {
    grid: { rows: 1, columns: rows.length },
    patches: matrix(rows.map(() => [1, 2])),
    keys: matrix(rows.map(() => [1])),
    queries: matrix(rows.map(() => [1])),
    classToken: false,
    heads: 1,
    projected: matrix(rows),
  };
}
const kept = (rows: readonly (readonly number[])[], tokens: number) => [
  ...divPrune({ tokens }).plan(pictureOf(rows)).keptPatches,
];

describe("divprune", () => {
  test("begins with the loneliest patch and goes on with the farthest from those that are kept", () => {
    const at = (degrees: number) => [
      Math.cos((degrees * Math.PI) / 180),
      Math.sin((degrees * Math.PI) / 180),
    ];
    const rows = [at(0), at(10), at(20), at(40), at(110), at(185)];
    expect(kept(rows, 1)).toEqual([5]); // 75 degrees from 110, which has its nearest at 70
    expect(kept(rows, 2)).toEqual([0, 5]); // 175 degrees away
    expect(kept(rows, 3)).toEqual([0, 4, 5]);
    expect(kept(rows, 4)).toEqual([0, 3, 4, 5]);
  });

  test("keeps a copy of a kept patch last, the lowest first, and none twice", () => {
    const rows = [
      [1, 0],
      [0, 1],
      [1, 0],
      [-1, 0],
      [0, 2],
      [1, 0],
    ];
    expect(kept(rows, 3)).toEqual([0, 1, 3]);
    expect(kept(rows, 4)).toEqual([0, 1, 2, 3]);
    expect(kept(rows, 6)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("takes a row of zeros as far from all others", () => {
    expect(
      kept(
        [
          [1, 0],
          [1, 0.1],
          [0, 0],
          [1, 0.2],
        ],
        1,
      ),
    ).toEqual([2]);
  });

  test("is the plain rule, worked out at every step, on rows with many ties", () => {
    const value = fc.integer({ min: -2, max: 2 });
    const rows = fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(rows, fc.double({ min: 0, max: 1, noNaN: true }), (lines, share) => {
        const count = Math.max(1, Math.round(share * lines.length));
        expect(kept(lines, count)).toEqual(plainRule(lines, count));
      }),
    );
  });

  test("takes rows of one direction as copies of each other, whatever rounding makes of their distance", () => {
    const bases = [
      [0.1, 0.7, -0.3],
      [-0.9, 0.2, 0.4],
      [0.3, 0.3, 0.8],
    ];
    const rows = bases.flatMap((base) => [1, 0.3, 1.7, 2.9, 0.11].map((scale) => base.map((x) => x * scale)));
    const first = kept(rows, 3); // one of each direction
    expect(first.map((patch) => Math.floor(patch / 5))).toEqual([0, 1, 2]);
    const others = [...rows.keys()].filter((patch) => !first.includes(patch));
    for (let count = 4; count <= 15; count++) {
      const wanted = [...first, ...others.slice(0, count - 3)];
      expect(kept(rows, count)).toEqual(wanted.sort((a, b) => a - b));
    }
  });

  test("finds the loneliest patch however many looks it takes", () => {
    for (let seed = 1; seed <= 8; seed++) {
      const random = seededRandom(seed);
      const lines = Array.from({ length: 150 }, () =>
        Array.from({ length: 12 }, () => Math.fround(random() - 0.5)),
      );
      expect(kept(lines, 1)).toEqual(plainRule(lines, 1));
    }
  });

  test("is the plain rule on rows longer than one look", () => {
    const random = seededRandom(5);
    const lines = Array.from({ length: 60 }, () =>
      Array.from({ length: 8 }, () => Math.fround(random() - 0.5)),
    );
    for (const count of [1, 20, 60]) expect(kept(lines, count)).toEqual(plainRule(lines, count));
  });

  test("keeps the released program's share where nothing is said, and no attention is gathered for it", () => {
    const reducer = divPrune();
    expect(reducer.options).toEqual({ keepRatio: 0.098 });
    expect(reducer.need).toEqual({ projected: true });
    expect(createReducer("divprune", reducer.options).options).toEqual(reducer.options);
  });

  test("refuses signals without projected rows, and options that it does not know", () => {
    const { projected: _, ...without } = pictureOf([[1], [2]]);
    expect(() => divPrune({ tokens: 1 }).plan(without)).toThrow(
      expect.objectContaining({
        code: "INVALID_TENSOR",
        message: expect.stringContaining("projected: true"),
      }),
    );
    expect(() => createReducer("divprune", { seed: 1 })).toThrow(/no option "seed"/);
    expect(() => divPrune({ tokens: 3 }).plan(pictureOf([[1], [2]]))).toThrow(/from 1 to 2, found 3/);
  });
});

/** Farthest from those that are kept, at first from the nearest other: every distance at every step. */
function plainRule(lines: readonly (readonly number[])[], count: number): number[] {
  const distance = (i: number, j: number) => {
    const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, c) => sum + x * b[c]!, 0);
    const [a, b] = [lines[i]!, lines[j]!];
    const norms = Math.sqrt(dot(a, a) * dot(b, b));
    return norms === 0 ? 1 : Math.round((1 - dot(a, b) / norms) * 1e12) / 1e12;
  };
  const all = [...lines.keys()];
  const chosen: number[] = [];
  while (chosen.length < count) {
    const worth = (i: number) => {
      if (chosen.includes(i)) return -1;
      const others = chosen.length > 0 ? chosen : all.filter((j) => j !== i);
      return Math.min(Number.POSITIVE_INFINITY, ...others.map((j) => distance(i, j)));
    };
    chosen.push(all.reduce((best, i) => (worth(i) > worth(best) ? i : best), 0));
  }
  return chosen.sort((a, b) => a - b);
}
