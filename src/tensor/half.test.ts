import { describe, expect, it } from "vitest";
import { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16, halfBits } from "./half.js";

const every = Uint16Array.from({ length: 65536 }, (_, i) => i);

/** The value of a float16 by its definition (IEEE 754, binary16). */
function float16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

describe("float16", () => {
  it("decodes every bit pattern to its value, the sign of zero included", () => {
    const values = decodeFloat16(every);
    for (const bits of every) expect(Object.is(values[bits], float16Value(bits))).toBe(true);
  });

  it("encodes every value back to its bits", () => {
    const back = encodeFloat16(decodeFloat16(every));
    for (const bits of every) {
      if (!Number.isNaN(float16Value(bits))) expect(back[bits]).toBe(bits);
      else expect(float16Value(back[bits]!)).toBeNaN();
    }
  });

  it("rounds to nearest and ties to even, in the normal and the subnormal range and at the top", () => {
    const half = 2 ** -25; // half of the smallest subnormal
    const cases: [number, number][] = [
      [1 + 2 ** -11, 0x3c00],
      [1 + 3 * 2 ** -11, 0x3c02],
      [1 + 2 ** -11 + 2 ** -20, 0x3c01],
      [half, 0x0000],
      [half * 1.0001, 0x0001],
      [-3 * half, 0x8002],
      [65519.996, 0x7bff],
      [65520, 0x7c00],
      [1e30, 0x7c00],
    ];
    const bits = encodeFloat16(Float32Array.from(cases, ([value]) => value));
    expect([...bits]).toEqual(cases.map(([, expected]) => expected));
  });

  it("decodes in place when the bits lie in the second half of the output", () => {
    const out = new Float32Array(65536);
    const bits = new Uint16Array(out.buffer, 65536 * 2, 65536);
    bits.set(every);
    decodeFloat16(bits, out);
    expect(new Uint32Array(out.buffer)).toEqual(new Uint32Array(decodeFloat16(every).buffer));
  });
});

describe("bfloat16", () => {
  it("is the upper half of a float32, rounded to nearest even", () => {
    const back = encodeBfloat16(decodeBfloat16(every));
    for (const bits of every) if ((bits & 0x7fff) <= 0x7f80) expect(back[bits]).toBe(bits);
    expect([...encodeBfloat16(Float32Array.of(1.00390625, 1.01171875, 1.004, Number.NaN))]).toEqual([
      0x3f80, 0x3f82, 0x3f81, 0x7fc0,
    ]);
  });
});

it("halfBits shares the memory of any 16-bit view", () => {
  const view = new Int16Array([1, -1]);
  const bits = halfBits(view);
  view[0] = 7;
  expect([...bits]).toEqual([7, 65535]);
});
