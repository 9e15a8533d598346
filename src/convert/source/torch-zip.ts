import { PrumergeError } from "../../errors.js";
import type { ByteSource } from "../../tensor/byte-source.js";
import { checkTensorName, tensorCountLimit } from "../../tensor/tensor-limits.js";

/** Where one uncompressed zip entry's bytes lie in the archive. */
export interface ZipEntry {
  readonly start: number;
  readonly end: number;
}

const endOfDirectory = 0x06054b50;
const endOfDirectory64 = 0x06064b50;
const locator64 = 0x07064b50;
const directoryEntry = 0x02014b50;
const localHeader = 0x04034b50;
const endSize = 22;
const longestComment = 0xffff;
/** About 700 bytes for each of as many tensors as we accept. */
const directoryLimit = 64 * 2 ** 20;

/**
 * The entries of a zip archive as `torch.save` writes it: nothing compressed or encrypted, zip64 where needed. Reads the
 * directory and the local headers only. Format: PKWARE APPNOTE 6.3, sections 4.3 and 4.5.
 *
 * @throws PrumergeError `INVALID_FILE`, `LIMIT_EXCEEDED`, or `UNSAFE_PATH` for names that leave the archive.
 */
export async function readZipDirectory(source: ByteSource): Promise<Map<string, ZipEntry>> {
  const { start, size, count } = await findDirectory(source);
  if (size > directoryLimit || count > tensorCountLimit) {
    throw new PrumergeError("LIMIT_EXCEEDED", "an absurdly large zip directory", {
      where: source.name,
      expected: `at most ${directoryLimit} bytes and ${tensorCountLimit} entries`,
      found: `${size} bytes and ${count} entries`,
    });
  }
  const view = viewOf(await source.slice(start, start + size));
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    const entry = readEntry(view, at, source.name);
    if (entries.has(entry.name)) throw damaged(source.name, `${entry.name} appears twice`);
    entries.set(entry.name, await locate(source, entry, start));
    at = entry.next;
  }
  checkOverlaps(entries, source.name);
  return entries;
}

interface Directory {
  readonly start: number;
  readonly size: number;
  readonly count: number;
}

async function findDirectory(source: ByteSource): Promise<Directory> {
  const tailStart = Math.max(0, source.byteLength - endSize - longestComment);
  const tail = viewOf(await source.slice(tailStart, source.byteLength));
  let at = tail.byteLength - endSize;
  while (at >= 0 && tail.getUint32(at, true) !== endOfDirectory) at--;
  if (at < 0) throw damaged(source.name, "no end of the zip directory: truncated, or no zip archive");
  const directory = {
    count: tail.getUint16(at + 10, true),
    size: tail.getUint32(at + 12, true),
    start: tail.getUint32(at + 16, true),
  };
  const found = (await findDirectory64(source, tailStart + at)) ?? directory;
  if (found.start + found.size > tailStart + at)
    throw damaged(source.name, "the directory lies beyond its end");
  return found;
}

async function findDirectory64(source: ByteSource, end: number): Promise<Directory | undefined> {
  if (end < 20) return undefined;
  const locator = viewOf(await source.slice(end - 20, end));
  if (locator.getUint32(0, true) !== locator64) return undefined;
  const at = safe(locator.getBigUint64(8, true), source.name);
  if (at + 56 > source.byteLength) throw damaged(source.name, "the zip64 directory lies beyond the file");
  const record = viewOf(await source.slice(at, at + 56));
  if (record.getUint32(0, true) !== endOfDirectory64) throw damaged(source.name, "no zip64 directory");
  return {
    count: safe(record.getBigUint64(32, true), source.name),
    size: safe(record.getBigUint64(40, true), source.name),
    start: safe(record.getBigUint64(48, true), source.name),
  };
}

interface RawEntry {
  readonly name: string;
  readonly size: number;
  readonly header: number;
  readonly next: number;
}

function readEntry(view: DataView, at: number, file: string): RawEntry {
  if (at + 46 > view.byteLength || view.getUint32(at, true) !== directoryEntry) {
    throw damaged(file, "the zip directory ends early");
  }
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const nameEnd = at + 46 + view.getUint16(at + 28, true);
  const extraEnd = nameEnd + view.getUint16(at + 30, true);
  const next = extraEnd + view.getUint16(at + 32, true);
  if (next > view.byteLength) throw damaged(file, "the zip directory ends early");
  const name = new TextDecoder().decode(
    new Uint8Array(view.buffer, view.byteOffset + at + 46, nameEnd - at - 46),
  );
  checkTensorName(name, file);
  if (method !== 0 || (flags & 1) !== 0) throw damaged(file, `${name} is compressed or encrypted`);
  const wide = wideFields(view, nameEnd, extraEnd, file);
  const field = (offset: number): number => {
    const value = view.getUint32(at + offset, true);
    return value === 0xffffffff ? wide() : value;
  };
  // The order in which zip64's extra field holds what did not fit.
  const size = field(24);
  const compressed = field(20);
  const header = field(42);
  if (size !== compressed) throw damaged(file, `${name} has two sizes`);
  return { name, size, header, next };
}

/** Successive 64-bit values of the zip64 extra field. */
function wideFields(view: DataView, from: number, to: number, file: string): () => number {
  let at = from;
  while (at + 4 <= to && view.getUint16(at, true) !== 1) at += 4 + view.getUint16(at + 2, true);
  const end = at + 4 <= to ? Math.min(to, at + 4 + view.getUint16(at + 2, true)) : 0;
  at += 4;
  return () => {
    if (at + 8 > end) throw damaged(file, "a zip64 size is missing");
    at += 8;
    return safe(view.getBigUint64(at - 8, true), file);
  };
}

async function locate(source: ByteSource, entry: RawEntry, directoryStart: number): Promise<ZipEntry> {
  const { header, name, size } = entry;
  if (header + 30 > directoryStart) throw damaged(source.name, `${name} lies beyond the data`);
  const local = viewOf(await source.slice(header, header + 30));
  if (local.getUint32(0, true) !== localHeader) throw damaged(source.name, `${name} has no local header`);
  const start = header + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  if (start + size > directoryStart) throw damaged(source.name, `${name} lies beyond the data`);
  return { start, end: start + size };
}

function checkOverlaps(entries: ReadonlyMap<string, ZipEntry>, file: string): void {
  const ordered = [...entries].sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
  let reached = 0;
  for (const [name, { start, end }] of ordered) {
    if (start < reached) throw damaged(file, `${name} overlaps another entry`);
    reached = end;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function safe(value: bigint, file: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(file, "an absurd 64-bit size");
  return Number(value);
}

function damaged(where: string, found: string): PrumergeError {
  const expected = "a zip archive as torch.save writes it";
  return new PrumergeError("INVALID_FILE", "damaged torch file", { where, expected, found });
}
