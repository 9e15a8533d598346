import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { source } from "../tensor/attention-kernel.js";
import type { Matrix } from "../tensor/matrix.js";
import { seededRandom } from "../tensor/random.js";
import { meanAttention } from "./mean-attention.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

const random = seededRandom(7);
const matrix = (rows: number, columns: number, spread: number): Matrix => ({
  rows,
  columns,
  data: Float32Array.from({ length: rows * columns }, () => (random() - 0.5) * spread),
});

/** As it is written down. */
function plain(queries: Matrix, keys: Matrix, heads: number): number[] {
  const d = keys.columns / heads;
  const mean = new Array<number>(keys.rows).fill(0);
  for (let head = 0; head < heads; head++) {
    for (let q = 0; q < queries.rows; q++) {
      const scores = mean.map((_, k) => {
        let sum = 0;
        for (let c = head * d; c < (head + 1) * d; c++)
          sum += queries.data[q * queries.columns + c]! * keys.data[k * keys.columns + c]!;
        return sum / Math.sqrt(d);
      });
      const most = Math.max(...scores);
      const powers = scores.map((score) => Math.exp(score - most));
      const all = powers.reduce((sum, power) => sum + power, 0);
      for (const [k, power] of powers.entries()) mean[k]! += power / all / heads / queries.rows;
    }
  }
  return mean;
}

/** Even and odd, full lanes and not, more queries than go together, and one key that takes nearly all. */
const sizes = [
  [1, 8, 2, 4, 1],
  [15, 9, 3, 5, 2],
  [16, 16, 2, 64, 3],
  [17, 65, 2, 8, 4],
  [130, 131, 4, 16, 8],
  [40, 40, 2, 32, 60],
] as const;

describe.each([true, false])("attention that tokens receive; with WebAssembly: %s", (there) => {
  it.each(sizes)("%i tokens, %i queries, %i heads of %i columns", (tokens, count, heads, width, spread) => {
    if (!there) vi.stubGlobal("WebAssembly", undefined);
    const queries = matrix(count, heads * width, spread);
    const keys = matrix(tokens, heads * width, spread);
    const found = meanAttention(queries, keys, heads);
    expect(found.length).toBe(tokens);
    for (const [at, value] of plain(queries, keys, heads).entries())
      expect(Math.abs(found[at]! - value)).toBeLessThan(1e-5 * value + 1e-9);
  });

  it("gives equal keys equal bits wherever they lie, so that ties stay ties", () => {
    if (!there) vi.stubGlobal("WebAssembly", undefined);
    const keys = matrix(50, 24, 3);
    for (const to of [13, 16, 31, 49]) keys.data.copyWithin(to * 24, 2 * 24, 3 * 24);
    const found = meanAttention(matrix(33, 24, 3), keys, 3);
    for (const to of [13, 16, 31, 49]) expect(found[to]).toBe(found[2]);
  });
});

it("goes through the lanes where they are, whose float32 differs in the last digits", () => {
  const [queries, keys] = [matrix(20, 32, 2), matrix(30, 32, 2)];
  const fast = meanAttention(queries, keys, 2);
  vi.stubGlobal("WebAssembly", undefined);
  expect([...fast]).not.toEqual([...meanAttention(queries, keys, 2)]);
});

it("runs what the text says", () => {
  const text = readFileSync(new URL("../tensor/attention-kernel.wat", import.meta.url));
  expect(createHash("sha256").update(text).digest("hex")).toBe(source);
});
