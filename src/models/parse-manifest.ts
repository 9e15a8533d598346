import { z } from "zod";
import { PrumergeError } from "../errors.js";
import { type Manifest, manifestFormat, manifestSchema } from "./manifest.js";

/**
 * Reads the text of a `prumerge.json`.
 *
 * @param where its path or address, for messages
 * @throws PrumergeError INVALID_FILE where it is no JSON, breaks the schema, or is of a newer format
 */
export function parseManifest(text: string, where: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new PrumergeError("INVALID_FILE", "not JSON", { where, cause });
  }
  const format = (json as { format?: unknown } | null)?.format;
  if (typeof format === "number" && format > manifestFormat) {
    throw new PrumergeError("INVALID_FILE", "a model folder of a newer format", {
      expected: `format ${manifestFormat}`,
      found: `format ${format}`,
      where,
      help: "Update prumerge, or convert the checkpoint again",
    });
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    throw new PrumergeError("INVALID_FILE", "a model folder's manifest breaks its schema", {
      found: z.prettifyError(parsed.error),
      where,
      cause: parsed.error,
    });
  }
  return parsed.data;
}
