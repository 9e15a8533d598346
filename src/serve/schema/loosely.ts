import { z } from "@hono/zod-openapi";

/**
 * The schema, before which those of the named fields are left out that hold nothing: clients write null, "", [] and {} for
 * what they do not say, and OpenAI's own objects come back with nulls in them.
 *
 * @param names fields that may be absent
 */
export function loosely<Schema extends z.ZodType>(schema: Schema, names: readonly string[]) {
  return z.preprocess((value) => withoutEmpty(value, names), schema);
}

/** A field of which nothing but an empty value is taken. */
export const unsupported = z.never().openapi({ type: "null", description: "Not supported." }).optional();

/** A copy without those of the named fields that hold nothing; what is no object, as it is. */
export function withoutEmpty(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const rest: Record<string, unknown> = { ...value };
  for (const name of names) if (isEmpty(rest[name])) delete rest[name];
  return rest;
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === "") return true;
  if (typeof value !== "object") return false;
  for (const _ in value) return false;
  return true;
}
