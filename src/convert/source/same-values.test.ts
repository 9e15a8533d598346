import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/checkpoint-folder.js";
import { encodeFloat16 } from "../../tensor/half.js";
import { sameValues } from "./same-values.js";
import type { StoredTensor, StoredType } from "./tensor-source.js";

const shape = [3, 2];
const values = Float32Array.of(0, 1, -2, 0.5, 3, 4);

function stored(data: ArrayBufferView, type: StoredType, more: Partial<StoredTensor> = {}): StoredTensor {
  const path = join(temporaryFolder(), "tensor");
  writeFileSync(path, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  return { path, offset: 0, type, shape, ...more };
}

it("compares numbers, whatever they are stored as", async () => {
  const whole = stored(values, "float32");
  const half = stored(encodeFloat16(values), "float16");
  const negativeZero = stored(Float32Array.of(-0, 1, -2, 0.5, 3, 4), "float32");
  for (const other of [whole, stored(values, "float32"), half, negativeZero])
    expect(await sameValues(whole, other)).toBe(true);
  expect(await sameValues(whole, stored(Float32Array.of(0, 1, -2, 0.5, 3, 4.0000005), "float32"))).toBe(
    false,
  );
  expect(await sameValues(half, stored(Float32Array.of(0, 1, -2, 0.5, 3, 4.0000005), "float32"))).toBe(false);
});

it("compares shapes first, and what updates and rows make of a tensor", async () => {
  const whole = stored(values, "float32");
  expect(await sameValues(whole, stored(values, "float32", { shape: [2, 3] }))).toBe(false);
  expect(await sameValues(whole, { ...whole, extraRows: [new Float32Array(2)] })).toBe(false);
  const a = stored(Float32Array.of(1, 1), "float32", { shape: [1, 2] });
  const b = stored(Float32Array.of(0, 0, 1), "float32", { shape: [3, 1] });
  expect(await sameValues(whole, { ...whole, lora: { a, b, scale: 1 } })).toBe(false);
  expect(await sameValues(whole, { ...whole, lora: { a, b, scale: 0 } })).toBe(true);
});
