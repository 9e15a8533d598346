import { z } from "zod";
import { PrumergeError } from "../errors.js";
import { type Manifest, manifestFormat, manifestSchema } from "./manifest.js";

/**
 * Reads the text of a `prumerge.json`.
 *
 * @param where its path or address, for messages
 * @throws PrumergeError INVALID_FILE where it is no JSON, breaks the schema, or is of another format
 */
export function parseManifest(text: string, where: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new PrumergeError("INVALID_FILE", "not JSON", { where, cause });
  }
  const { format, source } = (json ?? {}) as { format?: unknown; source?: { name?: unknown } };
  if (format !== manifestFormat) throw otherFormat(format, source?.name, where);
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

/** Formats are not read across versions: a folder is made again from its checkpoint, which takes minutes. */
function otherFormat(format: unknown, source: unknown, where: string): PrumergeError {
  const newer = typeof format === "number" && format > manifestFormat;
  const from = typeof source === "string" ? ` (${source.slice(0, 200)})` : "";
  const again = `onvert the checkpoint${from} again: prumerge convert CHECKPOINT FOLDER`;
  return new PrumergeError("INVALID_FILE", `a model folder of ${newer ? "a newer" : "another"} format`, {
    expected: `format ${manifestFormat}`,
    found: format === undefined ? "no format" : `format ${JSON.stringify(format)}`,
    where,
    help: newer ? `Update prumerge, or c${again}` : `C${again}`,
  });
}
