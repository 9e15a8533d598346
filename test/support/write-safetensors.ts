import type { SafetensorsType } from "../../src/tensor/safetensors.js";

/** What {@link encodeSafetensors} writes: float32, int32, bytes, or half floats as bits. */
export interface WritableTensor {
  readonly type: SafetensorsType;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}

/**
 * The first bytes of a safetensors file whose tensors follow in the given order without gaps: length, JSON, padding to
 * a multiple of 8. For files that are written piece by piece.
 */
export function safetensorsHeader(
  tensors: readonly {
    readonly name: string;
    readonly type: SafetensorsType;
    readonly shape: readonly number[];
    readonly byteLength: number;
  }[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const { name, type, shape, byteLength } of tensors) {
    header[name] = { dtype: type, shape, data_offsets: [offset, offset + byteLength] };
    offset += byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, 8);
  return bytes;
}

/** A whole safetensors file in memory. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, WritableTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = [...tensors].map(([name, { type, shape, data }]) => {
    return { name, type, shape, byteLength: data.byteLength, data };
  });
  const header = safetensorsHeader(entries, metadata);
  const size = entries.reduce((sum, { byteLength }) => sum + byteLength, header.length);
  const bytes = new Uint8Array(size);
  bytes.set(header);
  let offset = header.length;
  for (const { data } of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}
