import { randomBytes } from "node:crypto";
import { readlink, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { PrumergeError } from "../errors.js";
import { writeError } from "../write-error.js";

/** Links followed from one to the next, as Linux has it. */
const mostLinks = 40;

/**
 * Writes a file whole or not at all: under a temporary name beside it, then renamed. A link stays a link.
 *
 * @throws PrumergeError DISK_FULL, NOT_FOUND where the folder cannot be written to, or INVALID_OPTION where the path is
 * a folder or a device, which renaming would replace
 */
export async function writeOutput(
  path: string,
  content: string | Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const target = await targetOf(path);
  const info = await stat(target).catch(() => undefined);
  if (info !== undefined && !info.isFile()) {
    throw new PrumergeError("INVALID_OPTION", "the output is not an ordinary file", {
      where: path,
      expected: "the name of a new or existing file",
      found: info.isDirectory() ? "a folder" : "a device or pipe",
    });
  }
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(4).toString("hex")}`);
  try {
    await writeFile(temporary, content, { signal });
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (signal.aborted) throw signal.reason;
    throw writeError(cause, path, { summary: "the output cannot be written" });
  }
}

/** Where a link leads, also where nothing is there yet; a path that is no link leads to itself. */
async function targetOf(path: string, links = 0): Promise<string> {
  const real = await realpath(path).catch(() => undefined);
  if (real !== undefined) return real;
  const next = await readlink(path).catch(() => undefined);
  if (next === undefined) return path;
  if (links < mostLinks) return targetOf(resolve(dirname(path), next), links + 1);
  throw new PrumergeError("NOT_FOUND", "links that lead nowhere", { where: path });
}
