import { PrumergeError } from "../../errors.js";
import { findFile } from "./find-file.js";
import { isObject } from "./json-record.js";
import { readJson } from "./read-whole.js";

/**
 * Tells the questions that hang on something small, from a benchmark folder's `details.json`. Only the pocket benchmarks
 * have that file; without it nothing is known and every answer is undefined.
 *
 * @throws PrumergeError INVALID_FILE where the file has no list of ids `small_things`
 */
export async function readDetails(folder: string): Promise<(id: string) => boolean | undefined> {
  const path = await findFile(folder, ["details.json"]);
  if (path === undefined) return () => undefined;
  const content = await readJson(path);
  const ids = isObject(content) ? content.small_things : undefined;
  if (!Array.isArray(ids)) {
    throw new PrumergeError("INVALID_FILE", "no list of ids", {
      where: path,
      expected: '"small_things": [...]',
    });
  }
  const small = new Set(ids.map(String));
  return (id) => small.has(id);
}
