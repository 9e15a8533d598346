import { PrumergeError } from "../../errors.js";
import { ByteParts } from "./byte-parts.js";
import { type JsonRecord, parseRecord } from "./json-record.js";
import { fileLimits } from "./limits.js";
import { readChunks } from "./read-chunks.js";

const newline = 0x0a;

/**
 * The objects of a JSON lines file, in batches. Empty lines are passed over.
 *
 * @throws PrumergeError NOT_FOUND, LIMIT_EXCEEDED, INVALID_FILE with the line that is no JSON object (a torn last line too)
 */
export async function* readJsonLines(file: string): AsyncGenerator<readonly JsonRecord[]> {
  let line = 0;
  let entry = 0;
  const torn = new ByteParts();
  const parse = (bytes: Buffer): JsonRecord[] => {
    line++;
    return isBlank(bytes) ? [] : [parseRecord(bytes, { key: undefined, file, line, entry: ++entry })];
  };
  for await (const chunk of readChunks(file)) {
    const records: JsonRecord[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      records.push(...parse(torn.takeWith(chunk.subarray(start, end))));
      start = end + 1;
    }
    torn.keep(chunk.subarray(start));
    if (torn.length > fileLimits.record) throw tooLong(file, line + 1);
    yield records;
  }
  if (torn.length > 0) yield parse(torn.takeWith(Buffer.alloc(0)));
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09);
}

function tooLong(file: string, line: number): PrumergeError {
  return new PrumergeError("LIMIT_EXCEEDED", "the line is too long", {
    where: `${file}:${line}`,
    expected: `at most ${fileLimits.record} bytes`,
  });
}
