import { statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { PrumergeError } from "../errors.js";

/** Bytes that this user may still write where a path lies or will lie. */
export async function freeBytes(path: string): Promise<number> {
  const info = await statfs(path).catch((error: NodeJS.ErrnoException) => {
    const parent = dirname(resolve(path));
    if (error.code === "ENOENT" && parent !== resolve(path)) return undefined;
    throw error;
  });
  return info === undefined ? freeBytes(dirname(resolve(path))) : info.bavail * info.bsize;
}

/** Refuses before the first byte is written. */
export async function checkDiskSpace(destination: string, needed: number): Promise<void> {
  const free = await freeBytes(destination);
  if (free >= needed) return;
  throw new PrumergeError("DISK_FULL", "not enough room for the converted model", {
    expected: `${gigabytes(needed)} free`,
    found: gigabytes(free),
    where: destination,
    help: "Free some space, or choose a smaller dtype or another destination",
  });
}

function gigabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
