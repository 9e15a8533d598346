import { z } from "zod";
import { PrumergeError } from "../errors.js";
import { runFamily } from "../families/run-registry.js";
import { type Manifest, manifestFormat, manifestSchema } from "./manifest.js";

/**
 * Reads the text of a `prumerge.json`.
 *
 * @param where its path or address, for messages
 * @throws PrumergeError INVALID_FILE where it is no JSON, breaks the schema, or is of another format; UNSUPPORTED_MODEL
 * for a family that is not known here
 */
export function parseManifest(text: string, where: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new PrumergeError("INVALID_FILE", "not JSON", { where, cause });
  }
  const current = updated(json);
  const { format, source, spec } = (current ?? {}) as Stated;
  if (format !== manifestFormat) throw otherFormat(format, source?.name, where);
  if (typeof spec?.family === "string") runFamily({ family: spec.family }, where);
  const parsed = manifestSchema.safeParse(current);
  if (!parsed.success) {
    throw new PrumergeError("INVALID_FILE", "a model folder's manifest breaks its schema", {
      found: z.prettifyError(parsed.error),
      where,
      cause: parsed.error,
    });
  }
  return parsed.data;
}

/** What is looked at before the schema, whose messages are for damage. */
interface Stated {
  readonly format?: unknown;
  readonly source?: { readonly name?: unknown };
  readonly spec?: { readonly family?: unknown };
}

/** Format 1 had one family, whose name it did not say; all else is as it was. */
function updated(json: unknown): unknown {
  const { format, spec } = (json ?? {}) as Stated;
  if (format !== 1 || typeof spec !== "object" || spec === null) return json;
  return { ...(json as object), format: 2, spec: { family: "llava", ...spec } };
}

/** A folder of a format that is not read is made again from its checkpoint, which takes minutes. */
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
