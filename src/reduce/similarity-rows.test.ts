import { expect, it } from "vitest";
import { seededRandom } from "../tensor/random.js";
import { SimilarityRows } from "./similarity-rows.js";

const [rows, columns] = [13, 5];
const random = seededRandom(2);
const data = Float32Array.from({ length: rows * columns }, () => random() - 0.5);
data.fill(0, 4 * columns, 5 * columns);
const row = (at: number) => data.subarray(at * columns, (at + 1) * columns);
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, c) => sum + value * b[c]!, 0);
const length = (at: number) => Math.sqrt(dot(row(at), row(at)));

it.each([
  [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
  [[12, 3, 7, 0, 11, 5, 4, 1, 10, 2, 9, 8, 6]],
  [[6, 6, 6, 2, 9, 0, 1, 3, 4, 5, 7, 8, 10, 11, 12]],
])("gives the cosines of any row, in any order of asking, the same from both ends: %j", (asked) => {
  const likely = Int32Array.from({ length: rows }, (_, at) => (at * 5) % rows);
  const similarities = new SimilarityRows({ rows, columns, data }, likely);
  const found = new Map(asked.map((at) => [at, similarities.of(at)]));
  for (const [i, cosines] of found) {
    expect(similarities.has(i)).toBe(true);
    expect(similarities.of(i)).toBe(cosines);
    for (let j = 0; j < rows; j++) {
      const expected = i === 4 || j === 4 ? 0 : dot(row(i), row(j)) / length(i) / length(j);
      expect(cosines[j]).toBeCloseTo(expected, 12);
      expect(found.get(j)![i]).toBe(cosines[j]);
    }
  }
});

it("works out two rows at a time, and no more", () => {
  const likely = Int32Array.from({ length: rows }, (_, at) => at);
  const similarities = new SimilarityRows({ rows, columns, data }, likely);
  similarities.of(7);
  expect(Array.from(likely).filter((at) => similarities.has(at))).toEqual([0, 7]);
  similarities.of(0);
  similarities.of(1);
  expect(Array.from(likely).filter((at) => similarities.has(at))).toEqual([0, 1, 2, 7]);
});
