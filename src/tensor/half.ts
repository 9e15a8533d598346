/**
 * float16 and bfloat16, held as bit patterns in `Uint16Array`: the one file that knows how. Node 20 has no
 * `Float16Array`; where a runtime hands one out, {@link halfBits} gives the same bytes as bits.
 */

// Every float16 as float32 bits. 256 KB of table read at random is twice as fast as shifting and branching.
const float32BitsOfHalf = Uint32Array.from({ length: 65536 }, (_, bits) => widen(bits));

function widen(bits: number): number {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (mantissa << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (mantissa << 13)) >>> 0;
  if (mantissa === 0) return sign >>> 0;
  const leading = Math.clz32(mantissa) - 21; // a subnormal: shift its first one out of the mantissa
  return (sign | ((113 - leading) << 23) | (((mantissa << leading) & 0x3ff) << 13)) >>> 0;
}

/** The bits of half-precision tensor data, whichever 16-bit array type holds them. Shares memory. */
export function halfBits(data: ArrayBufferView): Uint16Array {
  if (data instanceof Uint16Array) return data;
  return new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
}

/**
 * float16 bits to float32, exactly. `bits` may lie in the second half of `out`'s own buffer: values are read before
 * the place where they lie is written.
 */
export function decodeFloat16(
  bits: Uint16Array,
  out: Float32Array = new Float32Array(bits.length),
): Float32Array {
  const words = new Uint32Array(out.buffer, out.byteOffset, bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = float32BitsOfHalf[bits[i]!]!;
  return out;
}

/** bfloat16 bits to float32, exactly; memory as for {@link decodeFloat16}. */
export function decodeBfloat16(
  bits: Uint16Array,
  out: Float32Array = new Float32Array(bits.length),
): Float32Array {
  const words = new Int32Array(out.buffer, out.byteOffset, bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
  return out;
}

/** float32 to float16 bits, rounded to nearest, ties to even; beyond 65504 (after rounding) it is infinity. */
export function encodeFloat16(
  values: Float32Array,
  out: Uint16Array = new Uint16Array(values.length),
): Uint16Array {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < values.length; i++) {
    const word = words[i]!;
    const magnitude = word & 0x7fffffff;
    let half: number;
    if (magnitude >= 0x47800000) {
      half = magnitude > 0x7f800000 ? 0x7e00 : 0x7c00; // NaN, or too large for any finite half
    } else if (magnitude < 0x38800000) {
      // Subnormal: a whole number of 2^-24. Adding 2^52 makes double arithmetic round it, ties to even.
      half = Math.abs(values[i]!) * 0x1000000 + 0x10000000000000 - 0x10000000000000;
    } else {
      half = (magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
    }
    out[i] = ((word >>> 16) & 0x8000) | half;
  }
  return out;
}

/** float32 to bfloat16 bits, rounded to nearest, ties to even. */
export function encodeBfloat16(
  values: Float32Array,
  out: Uint16Array = new Uint16Array(values.length),
): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < values.length; i++) {
    const word = words[i]!;
    const notANumber = (word & 0x7fffffff) > 0x7f800000;
    out[i] = notANumber ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return out;
}
