import { checkRoom, type ModelCache } from "./cache.js";
import type { HubOptions } from "./connection.js";
import { incompleteCopy } from "./copy.js";
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
  /** True where the cache stands in for the hub. */
  readonly fromCache: boolean;
  /** Of `files`, the bytes that the cache lacks. */
  readonly missingBytes: (files: readonly ModelFile[]) => Promise<number>;
}

/**
 * Brings the needed files of a model into the standard cache of the hub's programs and says where they are. A revision
 * is resolved to a commit first; with a commit that is complete in the cache nothing is asked at all. Where the hub gives
 * no answer, a complete copy in the cache of what the revision last stood for is used, whoever downloaded it.
 *
 * @param id `owner/name` or `owner/name@revision`
 * @throws PrumergeError `INVALID_OPTION`, `NOT_FOUND`, `NETWORK`, `UNSAFE_PATH`, `DISK_FULL`, `ABORTED`.
 * @example
 * ```ts
 * const { folder } = await resolveHub("llava-hf/llava-1.5-7b-hf", { files: checkpointFiles });
 * ```
 */
export async function resolveHub(id: string, options: ResolveOptions = {}): Promise<ResolvedModel> {
  const select = options.files ?? everything;
  const model = await openModel(id, { ...options, needed: select });
  const { cache, commit, connection } = model;
  if (model.fromCache) {
    const lacking = await model.copy.lacking(select);
    if (lacking.length > 0) throw incompleteCopy(id, lacking, undefined);
    return { folder: cache.snapshot(commit), commit };
  }
  const wanted = select(model.files);
  const missing: HubFile[] = [];
  for (const file of wanted) if (!(await cache.has(commit, file))) missing.push(file);
  const total = sum(wanted);
  let done = total - sum(missing);
  if (missing.length > 0) await checkRoom(connection.cacheDir, sum(missing) - (await begun(cache, missing)));
  for (const file of missing) {
    const report = (bytes: number) => options.onProgress?.({ file: file.path, bytes: done + bytes, total });
    await downloadBlob(connection, cache, commit, file, report);
    await cache.place(commit, file, connection.symlinks);
    report(file.size);
    done += file.size;
  }
  return { folder: cache.snapshot(commit), commit };
}

export interface ListOptions extends Omit<ResolveOptions, "files"> {
  /** What a copy in the cache must hold to stand in for a hub that gives no answer. Default: config.json. */
  readonly needed?: FileSelection;
  /** The caller has something else to fall back on: a hub that gives no answer is not asked again. */
  readonly hasOther?: boolean;
}

/**
 * Lists a model's files at a revision without fetching any of them.
 *
 * @throws as {@link resolveHub} does.
 */
export async function listHub(id: string, options: ListOptions = {}): Promise<HubListing> {
  const model = await openModel(id, { ...options, needed: options.needed ?? configOnly });
  const { cache, commit, files, fromCache } = model;
  const missingBytes = async (some: readonly ModelFile[]) => {
    const sizes = some.map(async (file) => ((await cache.has(commit, file)) ? 0 : file.size));
    return (await Promise.all(sizes)).reduce((total, size) => total + size, 0);
  };
  return { name: cache.name, commit, files, fromCache, missingBytes };
}

/** config.json alone. */
export const configOnly: FileSelection = (files) => files.filter(({ path }) => path === "config.json");

const everything: FileSelection = (files) => files.filter(({ supposed }) => supposed === undefined);

async function begun(cache: ModelCache, files: readonly HubFile[]): Promise<number> {
  const sizes = files.map((file) => cache.partialSize(file.digest));
  return (await Promise.all(sizes)).reduce((total, size) => total + size, 0);
}

function sum(files: readonly ModelFile[]): number {
  return files.reduce((total, { size }) => total + size, 0);
}
