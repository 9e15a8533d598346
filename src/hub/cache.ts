import { randomUUID } from "node:crypto";
import {
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  rename,
  stat,
  statfs,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { PrumergeError } from "../errors.js";
import { isCommit } from "./hub-id.js";
import { checkRelativePath, type Digest, type HubFile } from "./listing.js";
import { parseTree } from "./tree.js";

/**
 * One model's folder in the standard cache: `models--owner--name/{blobs,refs,snapshots}`, which other programs for the
 * hub read and fill too. `.prumerge/COMMIT.json` beside them keeps the hub's listing, so that the cache alone can tell
 * whether a model is complete; where huggingface_hub has kept it, in `trees/COMMIT.json`, that does as well.
 */
export class ModelCache {
  readonly folder: string;
  readonly #lockFolder: string;

  /** @param name `owner/name` */
  constructor(
    readonly cacheDir: string,
    readonly name: string,
  ) {
    const folderName = ["models", ...name.split("/")].join("--");
    this.folder = join(cacheDir, folderName);
    this.#lockFolder = join(cacheDir, ".locks", folderName);
  }

  /** Files of a commit under their own names. */
  snapshot(commit: string): string {
    return join(this.folder, "snapshots", commit);
  }

  blob(digest: Digest): string {
    return join(this.folder, "blobs", digest.hex);
  }

  /** Our own name for a partial download: another program's is written under that program's own lock. */
  partial(digest: Digest): string {
    return join(this.folder, "blobs", `${digest.hex}.prumerge.incomplete`);
  }

  /** Bytes of a partial download that are already here. */
  async partialSize(digest: Digest): Promise<number> {
    return (await stat(this.partial(digest)).catch(() => undefined))?.size ?? 0;
  }

  lock(digest: Digest): string {
    return join(this.#lockFolder, `${digest.hex}.prumerge.lock`);
  }

  /** The commit that a branch or tag stood for when it was last looked up, if ever. */
  async readRef(revision: string): Promise<string | undefined> {
    const text = await readText(join(this.folder, "refs", ...revision.split("/")));
    const commit = text?.trim();
    return commit !== undefined && isCommit(commit) ? commit : undefined;
  }

  async writeRef(revision: string, commit: string): Promise<void> {
    await writeWhole(join(this.folder, "refs", ...revision.split("/")), commit);
  }

  /** What the hub listed for a commit when it was last asked, by us or by huggingface_hub; undefined where nobody kept it. */
  async readListing(commit: string): Promise<HubFile[] | undefined> {
    const own = parseListing(await readText(this.#listing(commit)), this.name);
    return own ?? parseTree(await readText(join(this.folder, "trees", `${commit}.json`)), this.name);
  }

  async writeListing(commit: string, files: readonly HubFile[]): Promise<void> {
    await writeWhole(this.#listing(commit), JSON.stringify(files));
  }

  /** Files of a snapshot as they lie on disk, with their sizes; empty where there is none. */
  async filesOnDisk(commit: string): Promise<FoundFile[]> {
    return filesBelow(this.snapshot(commit));
  }

  /** Commits that there are snapshots of. */
  async commits(): Promise<string[]> {
    return (await readdir(join(this.folder, "snapshots")).catch(() => [])).filter(isCommit).sort();
  }

  /** Whether a snapshot holds a file at its full size. */
  async has(commit: string, file: Pick<HubFile, "path" | "size">): Promise<boolean> {
    const found = await stat(join(this.snapshot(commit), ...file.path.split("/"))).catch(() => undefined);
    return found?.isFile() === true && found.size === file.size;
  }

  /**
   * Puts a downloaded blob into a snapshot under the file's own name: a link, or a copy where links are refused.
   *
   * @param symlinks false: no symbolic link
   */
  async place(commit: string, file: HubFile, symlinks: boolean): Promise<void> {
    const path = join(this.snapshot(commit), ...file.path.split("/"));
    const blob = this.blob(file.digest);
    await mkdir(dirname(path), { recursive: true });
    const temporary = `${path}.${randomUUID()}`;
    await (symlinks ? symlink(relative(dirname(path), blob), temporary) : link(blob, temporary))
      .catch(() => link(blob, temporary))
      .catch(() => copyFile(blob, temporary));
    await rename(temporary, path);
  }

  #listing(commit: string): string {
    return join(this.folder, ".prumerge", `${commit}.json`);
  }
}

/**
 * Refuses a download that can not fit.
 *
 * @param bytes still to come
 * @throws PrumergeError `DISK_FULL`.
 */
export async function checkRoom(folder: string, bytes: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  if (bytes <= bavail * bsize) return;
  throw new PrumergeError("DISK_FULL", "the download does not fit on the disk", {
    where: folder,
    expected: `${gigabytes(bytes)} free`,
    found: gigabytes(bavail * bsize),
    help: "HF_HUB_CACHE or HF_HOME name another place for downloads",
  });
}

/** A file of a folder; `/` between the parts of its path. */
export interface FoundFile {
  readonly path: string;
  /** Bytes; undefined for a link to a file that is not there. */
  readonly size: number | undefined;
}

/** Files below a folder in alphabetical order, links followed. */
async function filesBelow(folder: string): Promise<FoundFile[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files = await Promise.all(
    names.sort().map(async (name): Promise<FoundFile[]> => {
      const path = name.replaceAll("\\", "/");
      const found = await stat(join(folder, name)).catch(() => "dangling" as const);
      if (found === "dangling") return [{ path, size: undefined }];
      return found.isFile() ? [{ path, size: found.size }] : [];
    }),
  );
  return files.flat();
}

function parseListing(text: string | undefined, name: string): HubFile[] | undefined {
  if (text === undefined) return undefined;
  try {
    const files = JSON.parse(text) as HubFile[];
    for (const file of files) checkRelativePath(file.path, name);
    return files;
  } catch {
    return undefined; // a damaged record is as good as none: the hub is asked again
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}

// Renamed into place, so that no reader ever sees half of it.
async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}
