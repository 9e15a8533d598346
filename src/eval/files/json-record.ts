import { isUtf8 } from "node:buffer";
import { type ErrorDetails, PrumergeError } from "../../errors.js";

/** One object of a file of many, and where it stands. */
export interface JsonRecord {
  readonly value: Readonly<Record<string, unknown>>;
  /** The key that the file gives it, where it stands in an object; or of the list that it stands in. */
  readonly key: string | undefined;
  readonly file: string;
  /** Line on which it begins, from 1. */
  readonly line: number;
  /** Which record of the file or list it is, from 1. */
  readonly entry: number;
}

/** An error about a record: file and line, and the entry where a line can hold many. */
export function recordError(
  { file, line, entry }: Omit<JsonRecord, "value" | "key">,
  summary: string,
  details: Omit<ErrorDetails, "where"> = {},
): PrumergeError {
  const where = `${file}:${line}${entry > line ? ` (entry ${entry})` : ""}`;
  return new PrumergeError("INVALID_FILE", summary, { where, ...details });
}

/** Parses the bytes of one record. @throws PrumergeError INVALID_FILE unless they are one JSON object in UTF-8 */
export function parseRecord(bytes: Buffer, at: Omit<JsonRecord, "value">): JsonRecord {
  if (!isUtf8(bytes)) throw recordError(at, "not text in UTF-8");
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    throw recordError(at, "not valid JSON", { found: (cause as Error).message, cause });
  }
  if (!isObject(value)) throw recordError(at, "not a JSON object", { found: kindOf(value) });
  return { ...at, value };
}

/** A text. @throws PrumergeError INVALID_FILE where it is missing or anything else */
export function textField(record: JsonRecord, name: string): string {
  const value = record.value[name];
  if (typeof value === "string") return value;
  throw fieldError(record, name, "a text", value);
}

/** An id: a text as it stands, so that leading zeros stay, or a whole number. @throws PrumergeError INVALID_FILE */
export function idField(record: JsonRecord, name: string): string {
  const value = record.value[name];
  if (typeof value === "string" && value !== "") return value;
  if (Number.isSafeInteger(value)) return String(value);
  throw fieldError(record, name, "a text or a whole number", value);
}

/** A list. @throws PrumergeError INVALID_FILE where it is missing or anything else */
export function listField(record: JsonRecord, name: string): readonly unknown[] {
  const value = record.value[name];
  if (Array.isArray(value)) return value;
  throw fieldError(record, name, "a list", value);
}

/** An object. @throws PrumergeError INVALID_FILE where it is missing or anything else */
export function objectField(record: JsonRecord, name: string): Readonly<Record<string, unknown>> {
  const value = record.value[name];
  if (isObject(value)) return value;
  throw fieldError(record, name, "an object", value);
}

export function fieldError(
  record: JsonRecord,
  name: string,
  expected: string,
  value: unknown,
): PrumergeError {
  return recordError(record, `the field "${name}" is wrong`, { expected, found: kindOf(value) });
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return JSON.stringify(value).slice(0, 60);
}
