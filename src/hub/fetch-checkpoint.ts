import { basename, resolve } from "node:path";
import { parseHubId } from "./hub-id.js";
import { isFolder } from "./local-folder.js";
import { checkpointFiles } from "./model-files.js";
import { type ResolveOptions, resolveHub } from "./resolve-hub.js";

/** A checkpoint on this machine. */
export interface CheckpointFolder {
  readonly folder: string;
  /** Where it came from, for people: `owner/name@commit`, or the folder's name. A path would mean nothing elsewhere. */
  readonly name: string;
}

/**
 * The folder of a checkpoint to convert: a folder on this machine as it is, or one of the hub, downloaded where it is
 * not in the cache yet.
 *
 * @param source a folder, `owner/name` or `owner/name@revision`
 * @throws PrumergeError `NOT_FOUND` where there is neither, and what {@link resolveHub} throws.
 */
export async function fetchCheckpoint(
  source: string,
  options: Omit<ResolveOptions, "files"> = {},
): Promise<CheckpointFolder> {
  if (await isFolder(source)) return { folder: resolve(source), name: basename(resolve(source)) };
  const { folder, commit } = await resolveHub(source, { ...options, files: checkpointFiles });
  return { folder, name: `${parseHubId(source).name}@${commit}` };
}
