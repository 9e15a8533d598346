import { z } from "@hono/zod-openapi";

/**
 * The schema, behind a count that is taken before anything in the value is validated: a validator collects an issue for
 * every wrong entry, which takes seconds and a gigabyte where a body holds a million of them.
 *
 * @param count undefined for what is not counted, and left to the schema to refuse
 * @param what `fields`, for the message
 */
export function bounded<Schema extends z.ZodType>(
  schema: Schema,
  count: (value: unknown) => number | undefined,
  most: number,
  what: string,
) {
  return z.preprocess((value, context) => {
    if ((count(value) ?? 0) > most) {
      context.addIssue({ code: "custom", message: `expected at most ${most} ${what}` });
    }
    return value;
  }, schema);
}

/** Most fields of an object whose names are free. */
const mostFields = 64;

/** A record of few fields. */
export function fewFields<Schema extends z.ZodType>(schema: Schema, most = mostFields) {
  const count = (value: unknown) =>
    typeof value === "object" && value !== null ? Object.keys(value).length : undefined;
  return bounded(schema, count, most, "fields");
}
