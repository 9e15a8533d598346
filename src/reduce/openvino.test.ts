import { describe, expect, test } from "vitest";
import { seededRandom } from "../tensor/random.js";
import { openVinoPruning } from "./methods/openvino.js";
import { createReducer } from "./registry.js";
import type { Signals } from "./signals.js";

function pictureOf(rows: readonly (readonly number[])[], relevance: readonly number[]): Signals {
  const one = { rows: rows.length, columns: 1, data: new Float32Array(rows.length).fill(1) };
  return {
    grid: { rows: 1, columns: rows.length },
    patches: one,
    keys: one,
    queries: one,
    classToken: false,
    heads: 1,
    projected: { rows: rows.length, columns: rows[0]!.length, data: Float32Array.from(rows.flat()) },
    relevance: Float32Array.from(relevance),
  };
}

/** The whole kernel, and every candidate's worth at every step: as the program's own text has it. */
function byTheBook(
  rows: readonly (readonly number[])[],
  cosines: readonly number[],
  w: number,
  count: number,
): number[] {
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, c) => sum + x * b[c]!, 0);
  const unit = rows.map((row) => row.map((x) => x / Math.sqrt(dot(row, row) + 1e-6)));
  const r = cosines.map((c, i) => c * Math.sqrt(dot(unit[i]!, unit[i]!)));
  const [least, most] = [Math.min(...r), Math.max(...r)];
  const share = r.map((value) => (value - least) / (most - least + 1e-6));
  const kernel = unit.map((a, i) =>
    unit.map((b, j) => ((1 - w) * 1 + w * share[i]! * share[j]!) * dot(a, b)),
  );
  const left = kernel.map((line, i) => line[i]!);
  const made: number[][] = [];
  const chosen: number[] = [];
  for (let step = 0; step < count; step++) {
    const best = left.indexOf(Math.max(...left));
    const root = Math.sqrt(left[best]! + 1e-6);
    const line = kernel[best]!.map(
      (value, j) => (value - made.reduce((sum, before) => sum + before[best]! * before[j]!, 0)) / root,
    );
    made.push(line);
    line.forEach((value, j) => {
      left[j]! -= value ** 2;
    });
    left[best] = Number.NEGATIVE_INFINITY;
    chosen.push(best);
  }
  return chosen;
}

const random = seededRandom(20);
const count = 23;
const rows = Array.from({ length: count }, () => Array.from({ length: 9 }, () => random() - 0.5)).map((row) =>
  row.map((x) => Math.fround(x)),
);
const relevance = Array.from({ length: count }, () => Math.fround(random() - 0.5));
const kept = (options: Parameters<typeof openVinoPruning>[0], picture = pictureOf(rows, relevance)) => [
  ...openVinoPruning(options).plan(picture).keptPatches,
];

describe("openvino", () => {
  test.each([
    0, 0.3, 0.5, 0.8, 1,
  ])("chooses as its program's text says, with the question at %d", (weight) => {
    const whole = byTheBook(rows, relevance, weight, 7).sort((a, b) => a - b);
    expect(kept({ tokens: 7, relevanceWeight: weight, halves: false })).toEqual(whole);
    // 23 patches: 11 in the upper half, which gives 3 of 7.
    const upper = byTheBook(rows.slice(0, 11), relevance.slice(0, 11), weight, 3);
    const lower = byTheBook(rows.slice(11), relevance.slice(11), weight, 4).map((patch) => patch + 11);
    expect(kept({ tokens: 7, relevanceWeight: weight })).toEqual([...upper, ...lower].sort((a, b) => a - b));
  });

  test("keeps as many as are asked for, each once, whatever the rows", () => {
    const same = pictureOf(
      rows.map(() => [1, 2]),
      relevance.map(() => 0.5),
    );
    const zeros = pictureOf(
      rows.map(() => [0, 0]),
      relevance,
    );
    for (const tokens of [1, 2, 12, count])
      for (const picture of [same, zeros]) expect(new Set(kept({ tokens }, picture)).size).toBe(tokens);
    expect(kept({ tokens: 1 }, pictureOf([[1, 0]], [0.2]))).toEqual([0]);
    expect(kept({ tokens: 1 })[0]).toBeGreaterThanOrEqual(11); // floor(1 / 2) of the upper half
  });

  test("says what it does, and refuses what it does not know", () => {
    expect(openVinoPruning().options).toEqual({ keepRatio: 0.25, relevanceWeight: 0.5, halves: true });
    expect(createReducer("openvino", { relevanceWeight: 0.8 }).options).toMatchObject({
      relevanceWeight: 0.8,
    });
    for (const weight of [-0.1, 1.1, Number.NaN, "1"])
      expect(() => openVinoPruning({ relevanceWeight: weight as never })).toThrow(
        /^openvino: .*"relevanceWeight".*from 0 to 1/,
      );
    expect(() => openVinoPruning({ halves: 1 as never })).toThrow(/"halves"/);
    expect(() => openVinoPruning({ theta: 1 } as never)).toThrow(/no option "theta"/);
    const { relevance: _, ...without } = pictureOf(rows, relevance);
    expect(() => openVinoPruning().plan(without)).toThrow(/relevance: a reducer reads what was not gathered/);
  });
});
