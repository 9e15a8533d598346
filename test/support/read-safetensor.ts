import { PrumergeError } from "../../src/errors.js";
import type { ByteSource } from "../../src/tensor/byte-source.js";
import { decodeBfloat16, decodeFloat16 } from "../../src/tensor/half.js";
import type { SafetensorsEntry } from "../../src/tensor/safetensors.js";

/**
 * One tensor's values: F64, F32, F16 and BF16 as float32; I32 as it is; U8 and BOOL as bytes.
 *
 * @throws PrumergeError `INVALID_FILE` for other element types.
 */
export async function readSafetensor(
  source: ByteSource,
  { type, start, end }: SafetensorsEntry,
): Promise<Float32Array | Int32Array | Uint8Array> {
  const bytes = await source.slice(start, end);
  const own = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  switch (type) {
    case "F32":
      return new Float32Array(own);
    case "F16":
      return decodeFloat16(new Uint16Array(own));
    case "BF16":
      return decodeBfloat16(new Uint16Array(own));
    case "F64":
      return Float32Array.from(new Float64Array(own));
    case "I32":
      return new Int32Array(own);
    case "U8":
    case "BOOL":
      return new Uint8Array(own);
    default:
      throw new PrumergeError("INVALID_FILE", "an element type that is not read", {
        where: source.name,
        expected: "F64, F32, F16, BF16, I32, U8 or BOOL",
        found: type,
      });
  }
}
