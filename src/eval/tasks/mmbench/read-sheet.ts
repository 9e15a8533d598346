import { readFile, stat } from "node:fs/promises";
import { PrumergeError } from "../../../errors.js";

/** The first sheet of an Excel file. */
export interface Sheet {
  /** Column of each name in the first row. */
  readonly columns: ReadonlyMap<string, number>;
  /** The rows below it; empty cells are null. */
  readonly rows: readonly (readonly unknown[])[];
}

/** LLaVA's sheet for the development split has 0.4 MB, 5 MB unpacked; long answers make it some times larger. */
const fileBytes = 2 ** 25;
const unpackedBytes = 2 ** 28;

/** @throws PrumergeError NOT_FOUND, LIMIT_EXCEEDED, INVALID_FILE for anything but an Excel file with a header */
export async function readSheet(path: string): Promise<Sheet> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) throw new PrumergeError("NOT_FOUND", "the file cannot be opened", { where: path });
  const limit = (expected: number, found: number) =>
    new PrumergeError("LIMIT_EXCEEDED", "the sheet is too large", {
      where: path,
      expected: `at most ${expected} bytes`,
      found: String(found),
    });
  if (info.size > fileBytes) throw limit(fileBytes, info.size);
  const bytes = await readFile(path);
  const unpacked = unpackedSize(bytes);
  if (unpacked > unpackedBytes) throw limit(unpackedBytes, unpacked);
  const { readSheet: read } = await import("read-excel-file/node");
  const [header, ...rows] = await read(bytes, { trim: false }).catch((cause: Error) => {
    throw new PrumergeError("INVALID_FILE", "not an Excel file", {
      where: path,
      found: cause.message,
      cause,
    });
  });
  if (header === undefined) throw new PrumergeError("INVALID_FILE", "an empty sheet", { where: path });
  return { columns: new Map(header.map((name, index) => [String(name), index])), rows };
}

/** Sum of the sizes in a zip archive's directory, so that a small file does not unpack to gigabytes; 0 where there is none. */
function unpackedSize(bytes: Buffer): number {
  const end = bytes.lastIndexOf("PK\x05\x06", undefined, "latin1");
  if (end < 0 || end + 20 > bytes.length) return 0;
  let at = bytes.readUInt32LE(end + 16);
  let sum = 0;
  while (at + 46 <= end && bytes.toString("latin1", at, at + 4) === "PK\x01\x02") {
    sum += bytes.readUInt32LE(at + 24);
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return sum;
}
