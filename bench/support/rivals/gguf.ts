import { open } from "node:fs/promises";

/** Types of values and tensors by their numbers in the format (ggml-org/ggml, docs/gguf.md), as far as they are written here. */
const valueTypes = { uint32: 4, float32: 6, bool: 7, string: 8, array: 9, int32: 5 } as const;
const tensorTypes = { float32: 0, q4_0: 2 } as const;
const [version, alignment] = [3, 32];

/** Elements and bytes of a block: `q4_0` has a float16 scale d and 32 numbers q of 4 bits that stand for d (q - 8). */
const blocks = {
  float32: { elements: 1, bytes: 4 },
  q4_0: { elements: 32, bytes: 18 },
} as const;

export type GgufValue =
  | { readonly type: "uint32" | "float32" | "int32"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "float32s" | "int32s"; readonly value: readonly number[] };

export interface GgufTensor {
  readonly name: string;
  readonly type: keyof typeof tensorTypes;
  /** The innermost size last, as everywhere else; the format has it first. */
  readonly shape: readonly number[];
  /** Its bytes in parts, in their order. */
  bytes(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Writes a file of the GGUF format, version 3, little endian; tensors one after another, so that none is held whole. */
export async function writeGguf(
  path: string,
  values: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): Promise<void> {
  const file = await open(path, "w");
  try {
    let at = 0;
    const write = async (bytes: Uint8Array) => {
      await file.write(bytes, 0, bytes.length, at);
      at += bytes.length;
    };
    await write(header(values, tensors));
    await write(new Uint8Array(padding(at)));
    for (const tensor of tensors) {
      const start = at;
      for await (const part of tensor.bytes()) await write(part);
      const expected = byteLength(tensor);
      if (at - start !== expected) {
        throw new Error(`${tensor.name} has ${at - start} bytes, and ${expected} by its shape`);
      }
      await write(new Uint8Array(padding(at)));
    }
  } finally {
    await file.close();
  }
}

function byteLength({ type, shape }: GgufTensor): number {
  const { elements, bytes } = blocks[type];
  return (shape.reduce((product, size) => product * size, 1) / elements) * bytes;
}

function padding(at: number): number {
  return (alignment - (at % alignment)) % alignment;
}

function header(values: Readonly<Record<string, GgufValue>>, tensors: readonly GgufTensor[]): Buffer {
  const entries = Object.entries(values);
  const parts = [Buffer.from("GGUF"), uint32(version), uint64(tensors.length), uint64(entries.length)];
  for (const [key, value] of entries) parts.push(text(key), typed(value));
  let offset = 0;
  for (const tensor of tensors) {
    const { name, shape, type } = tensor;
    const sizes = [...shape].reverse().map(uint64);
    parts.push(text(name), uint32(shape.length), ...sizes, uint32(tensorTypes[type]), uint64(offset));
    offset += byteLength(tensor);
    offset += padding(offset);
  }
  return Buffer.concat(parts);
}

function typed({ type, value }: GgufValue): Buffer {
  switch (type) {
    case "strings":
      return array("string", value.map(text));
    case "float32s":
      return array("float32", value.map(float32));
    case "int32s":
      return array("int32", value.map(int32));
    case "string":
      return Buffer.concat([uint32(valueTypes.string), text(value)]);
    case "bool":
      return Buffer.concat([uint32(valueTypes.bool), Buffer.from([value ? 1 : 0])]);
    default:
      return Buffer.concat([uint32(valueTypes[type]), { uint32, float32, int32 }[type](value)]);
  }
}

function array(type: keyof typeof valueTypes, items: readonly Buffer[]): Buffer {
  return Buffer.concat([uint32(valueTypes.array), uint32(valueTypes[type]), uint64(items.length), ...items]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
