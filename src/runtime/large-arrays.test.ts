import { describe, expect, it } from "vitest";
import { allocateArrays, freeArrays } from "./large-arrays.js";

describe("allocateArrays", () => {
  it.each([
    [5, 3],
    [4, 0],
    [0, 7],
    [3, 10_000_000],
  ])("gives %d arrays of %d that do not overlap", (count, length) => {
    const arrays = allocateArrays(count, length);
    expect(arrays.map((array) => array.length)).toEqual(Array(count).fill(length));
    for (const [i, array] of arrays.entries()) {
      expect(array.byteOffset % 64).toBe(0);
      if (length > 0) array[0] = array[length - 1] = i + 1;
    }
    for (const [i, array] of arrays.entries()) {
      if (length > 2) expect([array[0], array[1], array[length - 1]]).toEqual([i + 1, 0, i + 1]);
    }
  });
});

it.each([
  ["small ones share one buffer, each at a place of its own", 5, 3, [320]],
  ["large ones share buffers of 64 MiB or more", 5, 10_000_000, [80_000_000, 80_000_000, 40_000_000]],
  ["such as are larger have one each", 2, 20_000_000, [80_000_000, 80_000_000]],
])("of several arrays %s", (_, count, length, bytes) => {
  const buffers = new Set(allocateArrays(count, length).map(({ buffer }) => buffer));
  expect([...buffers].map(({ byteLength }) => byteLength)).toEqual(bytes);
});

it("gives memory back without waiting for the garbage collector", async () => {
  const megabyte = 1024 * 1024;
  const before = process.memoryUsage.rss();
  const arrays = allocateArrays(40, (5 * megabyte) / 4);
  for (const array of arrays) array.fill(1);
  const full = process.memoryUsage.rss();
  expect(full - before).toBeGreaterThan(150 * megabyte);
  freeArrays(arrays);
  expect(arrays[0]!.length).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(process.memoryUsage.rss()).toBeLessThan(full - 150 * megabyte);
});
