import { PrumergeError } from "../errors.js";
import type { ByteSource } from "./byte-source.js";
import { checkTensorName, dimensionLimit, tensorCountLimit } from "./tensor-limits.js";

/** Element types of the format, with their bytes per element. */
const widths = {
  BOOL: 1, U8: 1, I8: 1, F8_E5M2: 1, F8_E4M3: 1,
  U16: 2, I16: 2, F16: 2, BF16: 2,
  U32: 4, I32: 4, F32: 4,
  U64: 8, I64: 8, F64: 8,
} as const; // biome-ignore format: a table

export type SafetensorsType = keyof typeof widths;

/** One tensor of a safetensors file. */
export interface SafetensorsEntry {
  readonly type: SafetensorsType;
  readonly shape: readonly number[];
  /** Byte range in the file, row-major. */
  readonly start: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** The limit of the format's own reader; a header of this size would describe about a million tensors. */
const headerLimit = 100_000_000;

/**
 * Reads and checks a safetensors header: sizes, types, names, and that the tensors cover the file's data without gap
 * or overlap, as the format demands. Format: https://github.com/huggingface/safetensors#format
 *
 * @throws PrumergeError `INVALID_FILE`, `LIMIT_EXCEEDED` or `UNSAFE_PATH`.
 */
export async function readSafetensorsHeader(source: ByteSource): Promise<SafetensorsHeader> {
  const refuse = refusing(source.name);
  if (source.byteLength < 8) throw refuse("too short", "at least 8 bytes", `${source.byteLength} bytes`);
  const prefix = await source.slice(0, 8);
  const length = Number(new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true));
  const data = 8 + length;
  if (length > headerLimit) {
    throw tooLarge("the header is absurdly long", source, `${headerLimit} bytes`, `${length} bytes`);
  }
  if (data > source.byteLength) {
    throw refuse("the header is truncated", `${data} bytes`, `${source.byteLength} bytes`);
  }
  const { __metadata__: metadata, ...entries } = parseHeader(await source.slice(8, data), refuse);
  const names = Object.keys(entries);
  if (names.length > tensorCountLimit) {
    throw tooLarge("too many tensors", source, String(tensorCountLimit), String(names.length));
  }
  const tensors = new Map(names.map((name) => [name, parseEntry(name, entries[name], data, source.name)]));
  checkCover(tensors, data, source);
  return { tensors, metadata: parseMetadata(metadata, refuse) };
}

type Refuse = (summary: string, expected: string, found: string) => PrumergeError;

function refusing(where: string): Refuse {
  return (summary, expected, found) => new PrumergeError("INVALID_FILE", summary, { where, expected, found });
}

function tooLarge(summary: string, { name }: ByteSource, limit: string, found: string): PrumergeError {
  return new PrumergeError("LIMIT_EXCEEDED", summary, { where: name, expected: `at most ${limit}`, found });
}

function parseHeader(bytes: Uint8Array, refuse: Refuse): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (isRecord(header)) return header;
  } catch {
    // Refused below, like any other header that is not an object.
  }
  throw refuse("the header is not a JSON object", "a safetensors file", "something else");
}

function parseMetadata(metadata: unknown, refuse: Refuse): ReadonlyMap<string, string> {
  const pairs = metadata === undefined ? {} : metadata;
  if (!isRecord(pairs) || Object.values(pairs).some((value) => typeof value !== "string")) {
    throw refuse("bad __metadata__", "an object of strings", JSON.stringify(metadata).slice(0, 80));
  }
  return new Map(Object.entries(pairs as Record<string, string>));
}

function parseEntry(name: string, entry: unknown, data: number, file: string): SafetensorsEntry {
  checkTensorName(name, file);
  const refuse = refusing(`${file}, tensor ${name}`);
  const { dtype, shape, data_offsets: offsets } = isRecord(entry) ? entry : {};
  if (typeof dtype !== "string" || !Object.hasOwn(widths, dtype)) {
    throw refuse("unknown element type", Object.keys(widths).join(", "), JSON.stringify(dtype) ?? "none");
  }
  if (!isSizes(shape) || shape.length > dimensionLimit) {
    throw refuse("bad shape", `up to ${dimensionLimit} whole numbers`, describe(shape));
  }
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw refuse("bad data_offsets", "[begin, end]", describe(offsets));
  }
  const type = dtype as SafetensorsType;
  const size = shape.reduce((product, dimension) => product * dimension, widths[type]);
  const [begin, end] = offsets as [number, number];
  if (end - begin !== size) {
    throw refuse("size and shape disagree", `${size} bytes for ${describe(shape)}`, `${end - begin} bytes`);
  }
  return { type, shape, start: data + begin, end: data + end };
}

function checkCover(tensors: ReadonlyMap<string, SafetensorsEntry>, data: number, source: ByteSource): void {
  const ordered = [...tensors].sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
  let reached = data;
  for (const [name, { start, end }] of ordered) {
    if (start !== reached) {
      const kind = start < reached ? "overlaps the tensor before it" : "leaves a gap before it";
      throw refusing(`${source.name}, tensor ${name}`)(
        kind,
        `begin ${reached - data}`,
        `begin ${start - data}`,
      );
    }
    reached = end;
  }
  if (reached !== source.byteLength) {
    const kind = reached > source.byteLength ? "the file is truncated" : "bytes after the last tensor";
    throw refusing(source.name)(kind, `${reached} bytes`, `${source.byteLength} bytes`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function describe(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 80);
}
