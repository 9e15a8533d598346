import { PrumergeError } from "../errors.js";
import { checkRoom, type ModelCache } from "./cache.js";
import type { HubConnection, HubOptions } from "./connection.js";
import { downloadBlob } from "./download.js";
import type { HubFile } from "./listing.js";
import type { FileSelection, ModelFile } from "./model-files.js";
import { openModel } from "./open-model.js";

/** How far a download is. */
export interface HubProgress {
  /** File that bytes came for last. */
  readonly file: string;
  /** Bytes of all needed files that are here, those from the cache included. */
  readonly bytes: number;
  /** Bytes of all needed files. */
  readonly total: number;
}

export interface ResolveOptions extends HubOptions {
  /** Branch, tag or commit; overrides what follows `@` in the id. Default `main`. */
  readonly revision?: string;
  /** The files needed. Default: all. */
  readonly files?: FileSelection;
  /** Called for every piece that comes, often many times a second. */
  readonly onProgress?: (progress: HubProgress) => void;
}

/** A model of the hub on this machine. */
export interface ResolvedModel {
  /** Snapshot folder in the cache; holds the files asked for. */
  readonly folder: string;
  /** 40 hexadecimal digits. */
  readonly commit: string;
}

/** What is known of a model without its content. */
export interface HubListing {
  /** `owner/name`. */
  readonly name: string;
  readonly commit: string;
  readonly files: readonly ModelFile[];
  /** Of `files`, the bytes that the cache lacks. */
  readonly missingBytes: (files: readonly ModelFile[]) => Promise<number>;
}

/**
 * Brings the needed files of a model into the standard cache of the hub's programs and says where they are. A revision
 * is resolved to a commit first; with a commit that is complete in the cache nothing is asked at all. Where the hub can
 * not be reached, a complete copy in the cache of what the revision last stood for is used.
 *
 * @param id `owner/name` or `owner/name@revision`
 * @throws PrumergeError `INVALID_OPTION`, `NOT_FOUND`, `NETWORK`, `UNSAFE_PATH`, `DISK_FULL`, `ABORTED`.
 * @example
 * ```ts
 * const { folder } = await resolveHub("llava-hf/llava-1.5-7b-hf", { files: checkpointFiles });
 * ```
 */
export async function resolveHub(id: string, options: ResolveOptions = {}): Promise<ResolvedModel> {
  const select = options.files ?? ((files) => files);
  const model = await openModel(id, options);
  const { cache, commit, connection } = model;
  const wanted = select(model.files);
  const missing: HubFile[] = [];
  for (const file of wanted) if (isListed(file) && !(await cache.has(commit, file))) missing.push(file);
  const total = sum(wanted);
  let done = total - sum(missing);
  if (missing.length > 0 && model.fromCache) throw incomplete(id, missing, connection);
  if (missing.length > 0) await checkRoom(connection.cacheDir, sum(missing) - (await begun(cache, missing)));
  for (const file of missing) {
    const report = (bytes: number) => options.onProgress?.({ file: file.path, bytes: done + bytes, total });
    await downloadBlob(connection, cache, commit, file, report);
    await cache.place(commit, file);
    report(file.size);
    done += file.size;
  }
  return { folder: cache.snapshot(commit), commit };
}

/**
 * Lists a model's files at a revision without fetching any of them.
 *
 * @throws as {@link resolveHub} does.
 */
export async function listHub(id: string, options: Omit<ResolveOptions, "files"> = {}): Promise<HubListing> {
  const { cache, commit, files } = await openModel(id, options);
  const missingBytes = async (some: readonly ModelFile[]) => {
    const sizes = some.map(async (file) => ((await cache.has(commit, file)) ? 0 : file.size));
    return (await Promise.all(sizes)).reduce((total, size) => total + size, 0);
  };
  return { name: cache.name, commit, files, missingBytes };
}

function incomplete(id: string, missing: readonly ModelFile[], connection: HubConnection): PrumergeError {
  const names = missing.slice(0, 3).map(({ path }) => path);
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : "";
  return new PrumergeError("NOT_FOUND", "the cache does not hold all files of the model", {
    where: id,
    found: `no ${names.join(", ")}${more}`,
    help: connection.offline
      ? "Unset HF_HUB_OFFLINE (or the option offline) once to download them"
      : "The hub can not be reached at present; try again to download them",
  });
}

async function begun(cache: ModelCache, files: readonly HubFile[]): Promise<number> {
  const sizes = files.map((file) => cache.partialSize(file.digest));
  return (await Promise.all(sizes)).reduce((total, size) => total + size, 0);
}

function isListed(file: HubFile | ModelFile): file is HubFile {
  return "digest" in file;
}

function sum(files: readonly ModelFile[]): number {
  return files.reduce((total, { size }) => total + size, 0);
}
