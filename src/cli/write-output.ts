import { randomBytes } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { PrumergeError } from "../errors.js";

/**
 * Writes a file whole or not at all: under a temporary name beside it, then renamed.
 *
 * @throws PrumergeError DISK_FULL, or NOT_FOUND where the folder cannot be written to
 */
export async function writeOutput(
  path: string,
  content: string | Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString("hex")}`);
  try {
    await writeFile(temporary, content, { signal });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (signal.aborted) throw signal.reason;
    const { code, message } = cause as NodeJS.ErrnoException;
    const full = code === "ENOSPC" || code === "EDQUOT";
    throw new PrumergeError(full ? "DISK_FULL" : "NOT_FOUND", "the output cannot be written", {
      where: path,
      found: message,
      cause,
    });
  }
}
