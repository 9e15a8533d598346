import { realpath } from "node:fs/promises";
import { relative, sep } from "node:path";
import type { LoadedModel } from "../generate/model.js";

/**
 * What is to be said of a model before it is used. That nobody named one is left out where it is asked about its own
 * samples alone.
 *
 * @param pictures their paths; undefined where there are none, or none are known yet
 */
export async function notesOn(
  { folder, notes, unnamedNote }: Pick<LoadedModel, "folder" | "notes" | "unnamedNote">,
  pictures: readonly string[] = [],
): Promise<readonly string[]> {
  if (unnamedNote === undefined || pictures.length === 0) return notes;
  const own = await Promise.all(pictures.map((path) => isWithin(folder, path)));
  return own.every(Boolean) ? notes.filter((note) => note !== unnamedNote) : notes;
}

async function isWithin(folder: string, path: string): Promise<boolean> {
  const [outer, inner] = await Promise.all([folder, path].map((one) => realpath(one).catch(() => undefined)));
  return (
    outer !== undefined && inner !== undefined && !`${relative(outer, inner)}${sep}`.startsWith(`..${sep}`)
  );
}
