import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { isAlive } from "../is-alive.js";
import { folderError } from "./band-writer.js";

/** A live conversion touches its folder this often, milliseconds. */
const heartbeat = 10_000;
/** Where the owner cannot be asked (another machine), silence of this long means that it is gone, milliseconds. */
const silence = 60_000;
/** How systems say that a folder cannot be renamed because of what has its new name; EPERM is Windows'. */
const occupied: ReadonlySet<string | undefined> = new Set(["ENOTEMPTY", "EEXIST", "ENOTDIR", "EPERM"]);

/**
 * A folder beside the destination in which a conversion takes place, so that the destination appears complete or not at
 * all. Its name tells who works in it: `.NAME.converting-HOST-PID-RANDOM`.
 */
export class StagingFolder {
  readonly #destination: string;
  readonly #timer: NodeJS.Timeout;

  private constructor(
    readonly path: string,
    destination: string,
  ) {
    this.#destination = destination;
    this.#timer = setInterval(() => void this.#touch(), heartbeat).unref();
  }

  /** Clears what dead conversions to the same destination left, and makes a fresh folder. */
  static async create(destination: string): Promise<StagingFolder> {
    const target = resolve(destination);
    const parent = dirname(target);
    const name = `${prefix(target)}${host()}-${process.pid}-${randomBytes(4).toString("hex")}`;
    try {
      await mkdir(parent, { recursive: true });
      for (const leftover of await findLeftovers(target))
        await rm(leftover, { recursive: true, force: true });
      await mkdir(join(parent, name));
    } catch (cause) {
      throw folderError(cause, parent);
    }
    return new StagingFolder(join(parent, name), target);
  }

  /**
   * Puts the folder in the destination's place. Where something has stood there all along, or has come meanwhile, it is
   * removed if `check` allows it.
   *
   * @param check throws for what must not be replaced; looks at the destination as it is now
   * @throws PrumergeError what `check` throws; NOT_FOUND or DISK_FULL where the system refuses the move
   */
  async finish(check: () => Promise<void>): Promise<void> {
    clearInterval(this.#timer);
    try {
      if (await this.#takePlace()) return;
      await check();
      await this.#replace();
    } catch (error) {
      throw folderError(error, this.#destination);
    }
  }

  /** The system puts a folder where nothing or an empty folder is, and refuses by itself to put it over anything else. */
  async #takePlace(): Promise<boolean> {
    try {
      await rename(this.path, this.#destination);
      return true;
    } catch (error) {
      if (!occupied.has((error as NodeJS.ErrnoException).code)) throw error;
      return false;
    }
  }

  async #replace(): Promise<void> {
    const old = `${this.path}-replaced`;
    const replaces = await rename(this.#destination, old).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return false;
        throw error;
      },
    );
    try {
      await rename(this.path, this.#destination);
    } catch (error) {
      if (replaces) await rename(old, this.#destination);
      throw error;
    }
    if (replaces) await rm(old, { recursive: true, force: true });
  }

  /** Removes the folder and everything in it. */
  async discard(): Promise<void> {
    clearInterval(this.#timer);
    await rm(this.path, { recursive: true, force: true });
  }

  async #touch(): Promise<void> {
    const now = new Date();
    await utimes(this.path, now, now).catch(() => undefined);
  }
}

/** Folders that conversions to this destination left behind when they were killed. */
export async function findLeftovers(destination: string): Promise<string[]> {
  const target = resolve(destination);
  const parent = dirname(target);
  const start = prefix(target);
  const leftovers: string[] = [];
  for (const name of await readdir(parent).catch(() => [])) {
    const owner = /^([0-9a-f]{8})-(\d+)-[0-9a-f]{8}(-replaced)?$/.exec(
      name.startsWith(start) ? name.slice(start.length) : "",
    );
    if (owner === null) continue;
    const path = join(parent, name);
    if (await isAbandoned(path, owner[1]!, Number(owner[2]))) leftovers.push(path);
  }
  return leftovers;
}

async function isAbandoned(path: string, owningHost: string, pid: number): Promise<boolean> {
  // A container restarts with the same process ids, so our own id proves nothing either.
  if (owningHost === host() && pid !== process.pid) return !(await isAlive(pid));
  const info = await stat(path).catch(() => undefined);
  return info !== undefined && Date.now() - info.mtimeMs > silence;
}

function prefix(target: string): string {
  return `.${basename(target)}.converting-`;
}

function host(): string {
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
}
