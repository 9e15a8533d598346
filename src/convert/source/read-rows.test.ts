import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { refusal } from "../../../test/support/refusal.js";
import { encodeBfloat16, encodeFloat16 } from "../../tensor/half.js";
import { readRows, readTensor, TensorReader } from "./read-rows.js";
import type { StoredTensor } from "./tensor-source.js";

const folder = mkdtempSync(join(tmpdir(), "prumerge-rows-"));
afterAll(() => rmSync(folder, { recursive: true }));
/** 0.5, 1.5, 2.5, ..., which every element type holds exactly. */
const values = Float32Array.from({ length: 24 }, (_, i) => i + 0.5);

function stored(
  type: StoredTensor["type"],
  shape: readonly number[],
  more: Partial<StoredTensor> = {},
): StoredTensor {
  const encoded = { float32: values, float16: encodeFloat16(values), bfloat16: encodeBfloat16(values) }[type];
  const path = join(folder, type);
  // Three bytes before the first element: nothing promises alignment.
  writeFileSync(path, Buffer.concat([Buffer.from("abc"), new Uint8Array(encoded.buffer)]));
  return { path, offset: 3, type, shape, ...more };
}

it.each(["float32", "float16", "bfloat16"] as const)("%s by rows of any shape", async (type) => {
  expect(await readTensor(stored(type, [4, 6]))).toEqual(values);
  expect([...(await readRows(stored(type, [4, 6]), 1, 2))]).toEqual([6.5, 7.5, 8.5, 9.5, 10.5, 11.5]);
  expect([...(await readRows(stored(type, [4, 3, 1, 2]), 3, 4))]).toEqual([
    18.5, 19.5, 20.5, 21.5, 22.5, 23.5,
  ]);
  expect([...(await readRows(stored(type, [24]), 4, 6))]).toEqual([4.5, 5.5]);
  expect([...(await readTensor(stored(type, [])))]).toEqual([0.5]);
  expect((await readRows(stored(type, [4, 6]), 2, 2)).length).toBe(0);
  expect((await readTensor(stored(type, [0, 6]))).length).toBe(0);
});

it("appends rows after the stored ones", async () => {
  const extraRows = [Float32Array.of(-1, -2), Float32Array.of(-3, -4)];
  const tensor = stored("float16", [3, 2], { extraRows });
  expect([...(await readTensor(tensor))]).toEqual([0.5, 1.5, 2.5, 3.5, 4.5, 5.5, -1, -2, -3, -4]);
  expect([...(await readRows(tensor, 2, 4))]).toEqual([4.5, 5.5, -1, -2]);
  expect([...(await readRows(tensor, 4, 5))]).toEqual([-3, -4]);
});

it("adds low-rank updates, also where a worker sees copies of the description", async () => {
  const a = stored("float32", [1, 2]); // 0.5, 1.5
  const b = stored("bfloat16", [3, 1]); // 0.5, 1.5, 2.5
  const reader = new TensorReader();
  for (const scale of [2, 4]) {
    const tensor = structuredClone(stored("float16", [3, 2], { lora: { a, b, scale } }));
    const expected = [0.25, 0.75, 0.75, 2.25, 1.25, 3.75].map((product, i) => values[i]! + scale * product);
    expect([...(await reader.readTensor(tensor))]).toEqual(expected);
    expect([...(await reader.readRows(tensor, 1, 3))]).toEqual(expected.slice(2));
  }
  await reader.close();
});

it("refuses rows that are not there and files that end early or are gone", async () => {
  const tensor = stored("float32", [4, 6]);
  for (const [start, end] of [
    [-1, 1],
    [2, 1],
    [3, 5],
    [Number.NaN, 1],
  ]) {
    await refusal("INVALID_OPTION", () => readRows(tensor, start!, end!));
  }
  await refusal("INVALID_FILE", () => readTensor({ ...tensor, offset: 4 }));
  await refusal("NOT_FOUND", () => readTensor({ ...tensor, path: join(folder, "gone") }));
});
