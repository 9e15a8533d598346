import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { PrumergeError } from "../errors.js";
import { writeError } from "../write-error.js";

/** A file to be written, and what goes into it. */
export interface NewFile {
  readonly path: string;
  fill(file: FileHandle): Promise<void>;
}

/**
 * Writes files that belong together: all under temporary names, and only when every one of them is complete and on disk
 * are they put in their places, in the order given. Whatever fails before leaves the files of before and no other.
 * Folders that are missing are made.
 *
 * @throws PrumergeError INVALID_OPTION where a path is a folder, DISK_FULL, NOT_FOUND where nothing can be written there
 */
export async function replaceFiles(files: readonly NewFile[]): Promise<void> {
  const renames = files.map(({ path }) => ({ path, temporary: `${path}.${randomUUID()}.part` }));
  try {
    for (const [index, { path, temporary }] of renames.entries()) {
      await refusing(path, () => fillFile(temporary, path, files[index]!.fill));
    }
    for (const { path, temporary } of renames) await refusing(path, () => rename(temporary, path));
  } catch (error) {
    for (const { temporary } of renames) await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

async function fillFile(temporary: string, path: string, fill: NewFile["fill"]): Promise<void> {
  // Renaming onto a folder fails, and then others may be in their places already.
  if ((await stat(path).catch(() => undefined))?.isDirectory()) {
    throw new PrumergeError("INVALID_OPTION", "the file to be written is a folder", {
      where: path,
      expected: "the name of a new or existing file",
    });
  }
  await mkdir(dirname(path), { recursive: true });
  const file = await open(temporary, "wx");
  try {
    await fill(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Says of which file it was that the system could not write it, and why. */
async function refusing(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw writeError(cause, path, { summary: "the file cannot be written" });
  }
}
