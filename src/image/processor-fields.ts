import { PrumergeError } from "../errors.js";

/** An image processor's settings as they stand in a file. */
export type Json = Readonly<Record<string, unknown>>;

/** Beyond any tower there is; a larger square would only eat memory. */
const largestSquare = 4096;

/** Three numbers, or one for all three. */
export function triple(
  config: Json,
  name: string,
  otherwise: readonly [number, number, number],
  where: string,
): [number, number, number] {
  const value = config[name] ?? otherwise;
  const entries = typeof value === "number" ? [value, value, value] : value;
  const positive = name === "image_std";
  const right =
    Array.isArray(entries) &&
    entries.length === 3 &&
    entries.every((entry) => Number.isFinite(entry) && (!positive || entry > 0));
  if (!right) fail(name, `three ${positive ? "positive " : ""}numbers`, value, where);
  return [entries[0], entries[1], entries[2]];
}

/** A positive number. */
export function number(config: Json, name: string, otherwise: number, where: string): number {
  const value = config[name] ?? otherwise;
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0)
    fail(name, "a positive number", value, where);
  return value;
}

export function flag(config: Json, name: string, otherwise: boolean, where: string): boolean {
  const value = config[name] ?? otherwise;
  if (typeof value !== "boolean") fail(name, "true or false", value, where);
  return value;
}

/** The side of a square, pixels. */
export function side(value: unknown, name: string, where: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > largestSquare) {
    fail(name, `a whole number from 1 to ${largestSquare}`, value, where);
  }
  return value;
}

/** The side of a square that is given as one number or as two equal ones. */
export function square(value: unknown, name: string, where: string): number {
  if (typeof value === "number") return side(value, name, where);
  const { height, width } = object(value, name, where);
  const [h, w] = [side(height, `${name}.height`, where), side(width, `${name}.width`, where)];
  if (h !== w) refuseShape(`${name} of ${w} x ${h}`, where);
  return w;
}

export function object(value: unknown, name: string, where: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    fail(name, "an object", value, where);
  return value as Json;
}

/** Refuses a value of a wrong kind or range. */
export function fail(name: string, expected: string, value: unknown, where: string): never {
  failed(name, expected, (JSON.stringify(value) ?? "nothing").slice(0, 200), where);
}

/** As {@link fail}, with what was found in words. */
export function failed(name: string, expected: string, found: string, where: string): never {
  throw new PrumergeError("INVALID_FILE", `${name} does not fit`, { where, expected, found });
}

/** Refuses shapes that are well formed and not run. */
export function refuseShape(found: string, where: string): never {
  throw new PrumergeError("UNSUPPORTED_MODEL", "preprocessing that does not end in one square", {
    where,
    found,
  });
}

/** Refuses words that are well formed and not run. */
export function refuseWord(summary: string, expected: string, value: unknown, where: string): never {
  throw new PrumergeError("UNSUPPORTED_MODEL", summary, {
    where,
    expected,
    found: (JSON.stringify(value) ?? "nothing").slice(0, 200),
  });
}
