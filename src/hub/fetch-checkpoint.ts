import { basename, resolve } from "node:path";
import { isFolder } from "./local-folder.js";
import { checkpointFiles } from "./model-files.js";
import { readCheckpointConfig } from "./read-checkpoint-config.js";
import { configOnly, listHub, type ResolveOptions, resolveHub } from "./resolve-hub.js";

/** A checkpoint on this machine. */
export interface CheckpointFolder {
  readonly folder: string;
  /** Where it came from, for people: `owner/name@commit`, or the folder's name. A path would mean nothing elsewhere. */
  readonly name: string;
}

export interface FetchOptions extends Omit<ResolveOptions, "files"> {
  /** Whether it is a vision tower or an adapter, which no language model is looked for in. Default false. */
  readonly part?: boolean;
}

/**
 * The folder of a checkpoint to convert: a folder on this machine as it is, or one of the hub, downloaded where it is
 * not in the cache yet; its configuration first, so that weights of an architecture that is not converted stay there.
 *
 * @param source a folder, `owner/name` or `owner/name@revision`
 * @throws PrumergeError `NOT_FOUND` where there is neither, `UNSUPPORTED_MODEL`, and what {@link resolveHub} throws.
 */
export async function fetchCheckpoint(
  source: string,
  { part = false, ...options }: FetchOptions = {},
): Promise<CheckpointFolder> {
  if (await isFolder(source)) return { folder: resolve(source), name: basename(resolve(source)) };
  const { name, commit, fromCache } = await listHub(source, { ...options, needed: checkpointFiles });
  const { onProgress: _, ...quietly } = options;
  // A hub that has just given no answer is not asked again.
  const pinned = { revision: commit, ...(fromCache && { offline: true }) };
  const { folder } = await resolveHub(name, { ...quietly, ...pinned, files: configOnly });
  if (!part) await readCheckpointConfig(folder, source);
  await resolveHub(name, { ...options, ...pinned, files: checkpointFiles });
  return { folder, name: `${name}@${commit}` };
}
