import { PrumergeError } from "../../errors.js";
import { isObject, type JsonRecord } from "./json-record.js";
import { readChunks } from "./read-chunks.js";
import { type RecordLayout, RecordScanner } from "./record-scanner.js";

/**
 * The objects of one JSON document, in batches, parsed one by one: memory does not grow with the file.
 *
 * @throws PrumergeError NOT_FOUND, LIMIT_EXCEEDED, INVALID_FILE with file and line: truncated or malformed JSON, another
 * layout, a key that stands twice
 */
export async function* readJsonRecords(
  file: string,
  layout: RecordLayout,
): AsyncGenerator<readonly JsonRecord[]> {
  const scanner = new RecordScanner(file, layout);
  for await (const chunk of readChunks(file)) yield scanner.push(chunk);
  const { frame, line, records } = scanner.end();
  const broken = (summary: string, found?: string, cause?: unknown) =>
    new PrumergeError("INVALID_FILE", summary, {
      where: `${file}:${line}`,
      ...(found !== undefined && { found }),
      ...(cause !== undefined && { cause }),
    });
  if (scanner.isOpen) throw broken("the file ends in the middle of its JSON");
  let root: unknown;
  try {
    root = JSON.parse(frame);
  } catch (cause) {
    throw broken("not valid JSON", (cause as Error).message, cause);
  }
  if (layout === "list" && Array.isArray(root)) {
    if (root.length !== records) throw broken("the list has entries that are no objects");
  } else if (layout === "entries" && isObject(root)) {
    const keys = Object.keys(root).length;
    if (keys !== records) throw broken("a key stands twice or its value is no object", `${keys} keys`);
  } else if (layout !== "lists" || !isObject(root)) {
    throw broken("not the layout of this file", Array.isArray(root) ? "a list" : "an object");
  }
}

/** The first byte of a file that is no white space, as a character; empty for an empty file. */
export async function firstCharacter(file: string): Promise<string> {
  for await (const chunk of readChunks(file)) {
    const byte = chunk.find((one) => one > 0x20);
    if (byte !== undefined) return String.fromCharCode(byte);
  }
  return "";
}
