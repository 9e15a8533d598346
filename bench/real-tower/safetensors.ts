import { readFileSync, writeFileSync } from "node:fs";
import { decodeFloat16 } from "../../src/tensor/half.js";

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type Tensors = Map<string, Tensor>;

/** The tensors of a file in float16 or float32, as float32. */
export function readTensors(path: string): Tensors {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, start)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors: Tensors = new Map();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const own = new Uint8Array(bytes.subarray(start + entry.data_offsets[0], start + entry.data_offsets[1]));
    if (entry.dtype === "F32") tensors.set(name, { shape: entry.shape, data: new Float32Array(own.buffer) });
    else if (entry.dtype === "F16")
      tensors.set(name, { shape: entry.shape, data: decodeFloat16(new Uint16Array(own.buffer)) });
    else throw new Error(`${path}: ${name} is ${entry.dtype}, expected F16 or F32`);
  }
  return tensors;
}

/** Writes float32 tensors. */
export function writeTensors(path: string, tensors: Tensors): void {
  let at = 0;
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [at, at + data.byteLength] };
    at += data.byteLength;
  }
  const text = JSON.stringify(header);
  const head = Buffer.from(text.padEnd(8 * Math.ceil(text.length / 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  const parts = [...tensors.values()].map(({ data }) =>
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  );
  writeFileSync(path, Buffer.concat([length, head, ...parts]));
}
