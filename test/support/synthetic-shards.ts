import { closeSync, openSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import { encodeFloat16 } from "../../src/tensor/half.js";
import { seededRandom } from "../../src/tensor/random.js";

export interface ShardTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly elements: number;
  readonly fill: "normal" | "one" | "zero";
}

export type WeightShard = ShardTensor[];

const poolElements = 1 << 22;

/** Float16 numbers with the deviation of trained weights, of which every tensor takes a run. */
function normalPool(): Uint8Array {
  const random = seededRandom(20);
  const values = Float32Array.from(
    { length: poolElements },
    () => 0.02 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
  return new Uint8Array(encodeFloat16(values).buffer);
}

function constantPool(value: number): Uint8Array {
  return new Uint8Array(encodeFloat16(new Float32Array(1 << 16).fill(value)).buffer);
}

/** The bytes of a tensor, in pieces. */
export type Contents = (tensor: ShardTensor) => Iterable<Uint8Array>;

/** Makes the bytes of tensors one after another, in pieces of a pool. */
export function generatedContents(): Contents {
  const pools = { normal: normalPool(), one: constantPool(1), zero: constantPool(0) };
  let start = 0;
  return function* ({ elements, fill }) {
    const pool = pools[fill];
    start = (start + 2 * 7919) % pool.length;
    let at = start;
    for (let left = elements * 2; left > 0; at = 0) {
      const piece = pool.subarray(at, at + left);
      left -= piece.length;
      yield piece;
    }
  };
}

export function writeSafetensorsShard(path: string, shard: WeightShard, make: Contents): void {
  let offset = 0;
  const header: Record<string, unknown> = {};
  for (const { name, shape, elements } of shard) {
    header[name] = { dtype: "F16", shape, data_offsets: [offset, offset + elements * 2] };
    offset += elements * 2;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const file = openSync(path, "w");
  writeSync(file, length);
  writeSync(file, text);
  for (const tensor of shard) for (const piece of make(tensor)) writeSync(file, piece);
  closeSync(file);
}

/** The zip that torch.save writes: a pickled dictionary, and each tensor's bytes as a stored entry. For small shards. */
export function writeTorchShard(path: string, shard: WeightShard, make: Contents): void {
  const entries: [string, Buffer][] = [
    ["archive/data.pkl", pickle(shard)],
    ...shard.map((tensor, index): [string, Buffer] => [
      `archive/data/${index}`,
      Buffer.concat([...make(tensor)]),
    ]),
    ["archive/version", Buffer.from("3\n")],
  ];
  const file = openSync(path, "w");
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, data] of entries) {
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0); // version needed; flags, method (stored), time and date are zero
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, Buffer.from(name)]);
    const central = Buffer.alloc(14);
    central.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), common, central, Buffer.from(name));
    writeSync(file, local);
    writeSync(file, data);
    offset += local.length + data.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  writeSync(file, list);
  writeSync(file, end);
  closeSync(file);
}

/** Protocol 2, as torch.save writes state dictionaries: name -> torch._utils._rebuild_tensor_v2(...). */
function pickle(shard: WeightShard): Buffer {
  const parts: Buffer[] = [];
  const op = (code: string) => parts.push(Buffer.from(code, "latin1"));
  const integer = (code: string, value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    parts.push(Buffer.from(code, "latin1"), bytes);
  };
  const text = (value: string) => {
    integer("X", Buffer.byteLength(value));
    parts.push(Buffer.from(value));
  };
  const tuple = (values: readonly number[]) => {
    op("(");
    for (const value of values) integer("J", value);
    op("t");
  };
  op("\x80\x02}(");
  for (const [index, { name, shape, elements }] of shard.entries()) {
    text(name);
    op("ctorch._utils\n_rebuild_tensor_v2\n((");
    text("storage");
    op("ctorch\nHalfStorage\n");
    text(String(index));
    text("cpu");
    integer("J", elements);
    op("tQ"); // persistent id
    integer("J", 0);
    tuple(shape);
    tuple(shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1)));
    op("\x89ccollections\nOrderedDict\n)RtR");
  }
  op("u.");
  return Buffer.concat(parts);
}
