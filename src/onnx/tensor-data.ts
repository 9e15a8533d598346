import { PrumergeError } from "../errors.js";
import { externalDataOf } from "./external-data.js";
import { defaultLimits, type OnnxLimits } from "./limits.js";
import { TensorProto_DataType as DataType, type TensorProto } from "./schema/onnx_pb.js";

/** Bits of one element by ONNX data type; strings have none. */
const elementBits: Readonly<Record<number, number>> = {
  [DataType.FLOAT]: 32,
  [DataType.UINT8]: 8,
  [DataType.INT8]: 8,
  [DataType.UINT16]: 16,
  [DataType.INT16]: 16,
  [DataType.INT32]: 32,
  [DataType.INT64]: 64,
  [DataType.BOOL]: 8,
  [DataType.FLOAT16]: 16,
  [DataType.DOUBLE]: 64,
  [DataType.UINT32]: 32,
  [DataType.UINT64]: 64,
  [DataType.COMPLEX64]: 64,
  [DataType.COMPLEX128]: 128,
  [DataType.BFLOAT16]: 16,
  [DataType.FLOAT8E4M3FN]: 8,
  [DataType.FLOAT8E4M3FNUZ]: 8,
  [DataType.FLOAT8E5M2]: 8,
  [DataType.FLOAT8E5M2FNUZ]: 8,
  [DataType.UINT4]: 4,
  [DataType.INT4]: 4,
  [DataType.FLOAT4E2M1]: 4,
  [DataType.FLOAT8E8M0]: 8,
  [DataType.UINT2]: 2,
  [DataType.INT2]: 2,
};

/**
 * Bytes that a tensor's elements take as ONNX packs them, or undefined for strings and types of later versions.
 *
 * @throws PrumergeError INVALID_FILE, LIMIT_EXCEEDED where dimensions are negative or absurd
 */
export function tensorByteLength(
  { dims, dataType, name }: TensorProto,
  where: string,
  { rank }: Pick<OnnxLimits, "rank"> = defaultLimits,
): number | undefined {
  const at = `${where}: tensor ${JSON.stringify(name)}`;
  if (dims.length > rank) {
    throw new PrumergeError("LIMIT_EXCEEDED", "a tensor has too many axes", {
      where: at,
      expected: `at most ${rank}`,
      found: String(dims.length),
    });
  }
  let count = 1n;
  for (const dim of dims) {
    if (dim < 0n) {
      throw new PrumergeError("INVALID_FILE", "a negative dimension", {
        where: at,
        found: `[${dims.join(", ")}]`,
      });
    }
    count *= dim;
  }
  const bits = elementBits[dataType];
  if (bits === undefined) return undefined;
  const byteLength = (count * BigInt(bits) + 7n) / 8n;
  if (byteLength > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new PrumergeError("LIMIT_EXCEEDED", "a tensor of impossible size", {
      where: at,
      found: `[${dims.join(", ")}]`,
    });
  }
  return Number(byteLength);
}

/** Refuses a tensor whose dimensions, data and external data contradict each other. */
export function checkTensor(tensor: TensorProto, where: string, limits: OnnxLimits = defaultLimits): void {
  const expected = tensorByteLength(tensor, where, limits);
  const at = `${where}: tensor ${JSON.stringify(tensor.name)}`;
  const external = externalDataOf(tensor, where);
  const found = external?.byteLength ?? (tensor.rawData.byteLength || undefined);
  if (expected !== undefined && found !== undefined && found !== expected) {
    throw new PrumergeError("INVALID_FILE", "a tensor's data does not fill its shape", {
      where: at,
      expected: `${expected} bytes for [${tensor.dims.join(", ")}]`,
      found: `${found}`,
    });
  }
}

/**
 * A tensor's elements held inside the model, as little-endian bytes, whichever of ONNX's fields they are in.
 *
 * @throws PrumergeError INVALID_FILE where there are too few, UNSUPPORTED_MODEL for strings
 */
export function embeddedBytes(tensor: TensorProto, where: string): Uint8Array {
  const expected = tensorByteLength(tensor, where);
  const at = `${where}: tensor ${JSON.stringify(tensor.name)}`;
  if (expected === undefined) {
    throw new PrumergeError("UNSUPPORTED_MODEL", "a tensor whose elements have no fixed size", {
      where: at,
      found: DataType[tensor.dataType] ?? `data type ${tensor.dataType}`,
    });
  }
  const bytes = tensor.rawData.byteLength > 0 ? tensor.rawData : fromNumbers(tensor);
  if (bytes.byteLength !== expected) {
    throw new PrumergeError("INVALID_FILE", "a tensor's data does not fill its shape", {
      where: at,
      expected: `${expected} bytes`,
      found: `${bytes.byteLength}`,
    });
  }
  return bytes;
}

function fromNumbers({
  dataType,
  floatData,
  doubleData,
  int32Data,
  int64Data,
  uint64Data,
}: TensorProto): Uint8Array {
  switch (dataType) {
    case DataType.FLOAT:
    case DataType.COMPLEX64:
      return bytesOf(Float32Array.from(floatData));
    case DataType.DOUBLE:
    case DataType.COMPLEX128:
      return bytesOf(Float64Array.from(doubleData));
    case DataType.INT64:
      return bytesOf(BigInt64Array.from(int64Data));
    case DataType.UINT64:
      return bytesOf(BigUint64Array.from(uint64Data));
    case DataType.UINT32:
      return bytesOf(Uint32Array.from(uint64Data, Number));
    case DataType.INT32:
      return bytesOf(Int32Array.from(int32Data));
    case DataType.INT16:
    case DataType.UINT16:
    case DataType.FLOAT16:
    case DataType.BFLOAT16:
      return bytesOf(Uint16Array.from(int32Data));
    default:
      return Uint8Array.from(int32Data);
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
