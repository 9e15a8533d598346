import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { resolve } from "node:path";

/** The queue of a run folder: the same for every command that continues it, and for no other folder or machine. */
export function queueName(folder: string): string {
  const place = createHash("sha256").update(`${hostname()}\n${resolve(folder)}`);
  return `prumerge-${place.digest("hex").slice(0, 16)}`;
}
