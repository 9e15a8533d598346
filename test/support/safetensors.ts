import { readFileSync } from "node:fs";

export interface FixtureTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

const kinds: Readonly<
  Record<
    string,
    new (
      bytes: ArrayBuffer,
    ) => Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>
  >
> = { F32: Float32Array, I32: Int32Array, U8: Uint8Array };

/** Reads a small, trusted float32/int32/uint8 safetensors fixture at once; products read checkpoints through `convert/`. */
export function readFixture(path: string | URL): Map<string, FixtureTensor> {
  const bytes = readFileSync(path);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> =
    JSON.parse(bytes.toString("utf8", 8, 8 + headerLength));
  const tensors = new Map<string, FixtureTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const [start, end] = entry.data_offsets;
    const copy = Uint8Array.prototype.slice.call(
      bytes,
      8 + headerLength + start,
      8 + headerLength + end,
    ).buffer;
    const kind = kinds[entry.dtype];
    if (kind === undefined) throw new Error(`${name}: ${entry.dtype} in a fixture`);
    tensors.set(name, { shape: entry.shape, data: new kind(copy) });
  }
  return tensors;
}

/** A float32 tensor of a fixture, or an error that names what is missing. */
export function floats(tensors: ReadonlyMap<string, FixtureTensor>, name: string): Float32Array {
  const tensor = tensors.get(name);
  if (!(tensor?.data instanceof Float32Array)) throw new Error(`no float32 tensor ${name} in the fixture`);
  return tensor.data;
}

/** An int32 tensor of a fixture, or an error that names what is missing. */
export function integers(tensors: ReadonlyMap<string, FixtureTensor>, name: string): Int32Array {
  const tensor = tensors.get(name);
  if (!(tensor?.data instanceof Int32Array)) throw new Error(`no int32 tensor ${name} in the fixture`);
  return tensor.data;
}
