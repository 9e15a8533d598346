import { realpath } from "node:fs/promises";
import { relative, sep } from "node:path";
import type { LoadedModel } from "../model/model.js";

type Noted = Pick<LoadedModel, "folder" | "notes" | "unnamedNote">;

/**
 * What is to be said of a model before it is used. That nobody named one is left out where it is asked about its own
 * samples alone.
 *
 * @param pictures their paths; none: it is asked without any, or any may come
 */
export async function notesOn(
  { folder, notes, unnamedNote }: Noted,
  pictures: readonly string[] = [],
): Promise<readonly string[]> {
  if (unnamedNote === undefined || pictures.length === 0) return notes;
  const own = await Promise.all(pictures.map((path) => isWithin(folder, path)));
  return own.every(Boolean) ? notes.filter((note) => note !== unnamedNote) : notes;
}

/** Says each note once, as it comes to matter: call it with all pictures so far before every answer. */
export function tellNotes(
  model: Noted,
  tell: (text: string) => void,
): (pictures: readonly string[]) => Promise<void> {
  const told = new Set<string>();
  return async (pictures) => {
    for (const note of await notesOn(model, pictures)) {
      if (!told.has(note)) tell(`Note: ${note}\n`);
      told.add(note);
    }
  };
}

async function isWithin(folder: string, path: string): Promise<boolean> {
  const [outer, inner] = await Promise.all([folder, path].map((one) => realpath(one).catch(() => undefined)));
  return (
    outer !== undefined && inner !== undefined && !`${relative(outer, inner)}${sep}`.startsWith(`..${sep}`)
  );
}
