import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { writeError } from "../../write-error.js";

/**
 * Writes a file whole or not at all: under another name beside it, then renamed. Its folder is made where there is none.
 *
 * @param parts written one after another, so that a large file is never in memory as a whole
 * @param durable whether it must outlast the loss of power too, which takes time
 * @throws PrumergeError DISK_FULL, NOT_FOUND
 */
export async function writeWhole(path: string, parts: Iterable<string>, durable = false): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.part`); // one process writes to a run folder at a time
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(temporary, "w");
    try {
      for (const part of parts) await handle.appendFile(part);
      if (durable) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(cause, path, {
      summary: "a file of the run cannot be written",
      room: "What is answered so far is kept: make room and run it again",
    });
  }
}

/** A value as an indented JSON file. */
export function writeJson(path: string, value: unknown, durable = false): Promise<void> {
  return writeWhole(path, [`${JSON.stringify(value, null, 2)}\n`], durable);
}
