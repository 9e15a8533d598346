import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../is-alive.js";
import { writeError } from "../write-error.js";
import { checkAborted } from "./attempts.js";

const heartbeat = 5_000;
const staleAfter = 60_000;
const poll = 200;

/**
 * Runs `work` while no other process runs it under the same lock file; waits for its turn. A lock left behind by a
 * process that died is taken over. Platform locks are not used: Node has none.
 *
 * @throws PrumergeError `ABORTED` while waiting, and whatever `work` throws.
 */
export async function withLock<T>(
  path: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() });
  while (!(await take(path, mine))) {
    checkAborted(signal);
    await sleep(poll);
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, heartbeat);
  beat.unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if ((await readFile(path, "utf8").catch(() => "")) === mine) await rm(path, { force: true });
  }
}

async function take(path: string, mine: string): Promise<boolean> {
  try {
    await writeFile(path, mine, { flag: "wx" });
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) {
      await rm(path, { force: true }).catch(() => undefined); // an empty one would keep everybody waiting
      throw writeError(error, path, { summary: "the lock cannot be written" });
    }
  }
  const theirs = await readFile(path, "utf8").catch(() => undefined);
  if (theirs !== undefined && (await isStale(path, theirs))) await remove(path, theirs);
  return false;
}

async function isStale(path: string, content: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return false;
  if (Date.now() - found.mtimeMs > staleAfter) return true;
  try {
    const { pid, host } = JSON.parse(content) as { pid: number; host: string };
    return host === hostname() && !(await isAlive(pid));
  } catch {
    return false; // just being written
  }
}

// Renaming is atomic: of several who see the same stale lock one moves it, and puts back what was not the stale one.
async function remove(path: string, stale: string): Promise<void> {
  const moved = `${path}.${randomUUID()}`;
  try {
    await rename(path, moved);
  } catch {
    return;
  }
  const content = await readFile(moved, "utf8").catch(() => stale);
  if (content !== stale) await link(moved, path).catch(() => {});
  await rm(moved, { force: true });
}
