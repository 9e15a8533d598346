import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../tensor/random.js";
import { cdPruner } from "./methods/cdpruner.js";
import { questionRelevance } from "./relevance.js";
import type { Signals } from "./signals.js";

const matrixOf = (rows: readonly (readonly number[])[]) => ({
  rows: rows.length,
  columns: rows[0]!.length,
  data: Float32Array.from(rows.flat()),
});

function pictureOf(rows: readonly (readonly number[])[], relevance: readonly number[]): Signals {
  const one = matrixOf(rows.map(() => [1]));
  return {
    grid: { rows: 1, columns: rows.length },
    patches: one,
    keys: one,
    queries: one,
    classToken: false,
    heads: 1,
    projected: matrixOf(rows),
    relevance: Float32Array.from(relevance),
  };
}
const kept = (
  rows: readonly (readonly number[])[],
  relevance: readonly number[],
  options: Parameters<typeof cdPruner>[0],
) => [...cdPruner(options).plan(pictureOf(rows, relevance)).keptPatches];

describe("cdpruner", () => {
  test("begins with the most relevant patch and goes on with what is relevant and new", () => {
    const rows = [
      [1, 0, 0],
      [1, 0.1, 0],
      [0, 1, 0],
      [0, 0, 1],
    ];
    expect(kept(rows, [3, 2.9, 1.5, 0], { tokens: 1 })).toEqual([0]);
    // Patch 1 is nearly as relevant, and nearly a copy.
    expect(kept(rows, [3, 2.9, 1.5, 0], { tokens: 2 })).toEqual([0, 2]);
  });

  test("keeps the most relevant of the rest where nothing adds anything, none twice", () => {
    const rows = [
      [1, 0],
      [2, 0],
      [0, 1],
      [0, 0],
      [1, 1],
    ];
    expect(kept(rows, [1, 1, 0.9, 5, 0], { tokens: 2 })).toEqual([0, 2]);
    expect(kept(rows, [1, 1, 0.9, 5, 0], { tokens: 3 })).toEqual([0, 2, 3]);
    expect(kept(rows, [1, 1, 0.9, 5, 0], { tokens: 4 })).toEqual([0, 1, 2, 3]);
    expect(kept(rows, [1, 1, 0.9, 5, 0], { tokens: 5 })).toEqual([0, 1, 2, 3, 4]);
  });

  test("tells what adds nothing from rounding noise", () => {
    const random = seededRandom(4);
    const rows = Array.from({ length: 14 }, () =>
      Array.from({ length: 3 }, () => Math.fround(random() - 0.5)),
    );
    const relevance = rows.map(() => Math.fround(random()));
    const first = plainRule(rows, relevance, 3)!;
    const others = [...rows.keys()].filter((patch) => !first.includes(patch));
    others.sort((a, b) => relevance[b]! - relevance[a]!);
    for (let count = 3; count <= 14; count++) {
      const wanted = [...first, ...others.slice(0, count - 3)].sort((a, b) => a - b);
      expect(kept(rows, relevance, { tokens: count })).toEqual(wanted);
    }
  });

  test("is the plain rule, each determinant's gain worked out by projection at every step", () => {
    const value = fc.integer({ min: -9, max: 9 });
    const patch = fc.record({
      row: fc.array(value, { minLength: 6, maxLength: 6 }),
      relevance: fc.nat(100).map((n) => n / 128),
    });
    fc.assert(
      fc.property(
        fc.array(patch, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 4 }),
        (all, most) => {
          const rows = all.map(({ row }) => row);
          const relevance = all.map((each) => each.relevance);
          const tokens = Math.min(most, all.length);
          const wanted = plainRule(rows, relevance, tokens);
          fc.pre(wanted !== undefined);
          expect(kept(rows, relevance, { tokens })).toEqual(wanted);
        },
      ),
    );
  });

  test("scales over another range where the released program took a batch's", () => {
    const rows = [
      [0.9, 1],
      [1, 0],
      [0, 1],
    ];
    // Scaled by itself patch 1 has relevance 0 and adds nothing; over a wide range all are alike.
    expect(kept(rows, [3, 2, 2.1], { tokens: 2 })).toEqual([0, 2]);
    const wide = { compatibility: "released", relevanceRange: [-1000, 3] } as const;
    expect(kept(rows, [3, 2, 2.1], { tokens: 2, ...wide })).toEqual([0, 1]);
  });

  test("takes every patch as equally relevant where none is more so", () => {
    expect(
      kept(
        [
          [1, 0],
          [1, 0],
          [0, 1],
        ],
        [2, 2, 2],
        { tokens: 2 },
      ),
    ).toEqual([0, 2]);
  });

  test("reads rows after the projector and relevance, and refuses signals without", () => {
    expect(cdPruner().need).toEqual({ projected: true, relevance: true });
    const { relevance: _, ...without } = pictureOf([[1], [2]], [0, 1]);
    expect(() => cdPruner({ tokens: 1 }).plan(without)).toThrow(/relevance: .*need: \{ relevance: true \}/);
    const wrong = pictureOf([[1], [2]], [0, Number.NaN]);
    expect(() => cdPruner({ tokens: 1 }).plan(wrong)).toThrow(
      /relevance: .*finite numbers, found NaN at index 1/,
    );
    expect(() => cdPruner({ tokens: 1 }).plan(pictureOf([[1], [2]], [0]))).toThrow(/relevance: .*2 values/);
  });

  test.each([
    [{ relevanceRange: [0, 1] }, /relevanceRange.*left out without compatibility/],
    [{ compatibility: "released", relevanceRange: [1, 0] }, /relevanceRange.*smaller one first/],
    [{ compatibility: "released", relevanceRange: [0, Number.NaN] }, /relevanceRange/],
    [{ compatibility: "paper" }, /compatibility/],
    [{ maxTokens: 3 }, /no option "maxTokens"/],
  ])("refuses %o", (options, message) => {
    expect(() => cdPruner(options as never)).toThrow(message);
  });

  test("refuses a range that the picture goes beyond", () => {
    const range = { compatibility: "released", relevanceRange: [0, 1] } as const;
    expect(() => kept([[1], [2]], [0, 1.5], { tokens: 1, ...range })).toThrow(
      /range of all relevances.*1\.5/,
    );
  });
});

describe("relevance to a question", () => {
  test("is minus the mean cosine with its parts", () => {
    const relevance = questionRelevance(
      matrixOf([
        [3, 0],
        [1, 1],
        [0, 0],
      ]),
      matrixOf([
        [2, 0],
        [0, 5],
      ]),
    );
    expect([...relevance]).toEqual([-0.5, Math.fround(-Math.SQRT1_2), -0]);
  });

  test("is refused between spaces of different width", () => {
    expect(() => questionRelevance(matrixOf([[1, 2]]), matrixOf([[1]]))).toThrow(
      /question: .*\[1 or more, 2\]/,
    );
  });
});

/** What is left of each row, weighted, after those that were chosen are projected out; undefined where two are too close to tell. */
function plainRule(
  rows: readonly (readonly number[])[],
  relevance: readonly number[],
  tokens: number,
): number[] | undefined {
  const [least, largest] = [Math.min(...relevance), Math.max(...relevance)];
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, c) => sum + x * b[c]!, 0);
  let rest = rows.map((row, at) => {
    const weight = largest === least ? 1 : (relevance[at]! - least + 1e-6) / (largest - least);
    const norm = Math.sqrt(dot(row, row));
    return row.map((x) => (norm === 0 ? 0 : (weight * x) / norm));
  });
  const chosen: number[] = [];
  for (let step = 0; step < tokens; step++) {
    const gains = rest.map((row, at) => (chosen.includes(at) ? -1 : dot(row, row)));
    const order = [...gains.keys()].sort((a, b) => gains[b]! - gains[a]! || a - b);
    const [best, second] = order;
    if (gains[best!]! < 1e-6) return undefined;
    if (second !== undefined && gains[best!]! - gains[second]! < 1e-9) return undefined;
    chosen.push(best!);
    const axis = rest[best!]!;
    const length = dot(axis, axis);
    rest = rest.map((row) => {
      const along = dot(row, axis) / length;
      return row.map((x, c) => x - along * axis[c]!);
    });
  }
  return chosen.sort((a, b) => a - b);
}
