import { PrumergeError } from "../errors.js";
import { PassingFailure } from "./attempts.js";
import { ModelCache } from "./cache.js";
import { connect, type HubConnection, type HubOptions } from "./connection.js";
import { checkRevision, isCommit, parseHubId } from "./hub-id.js";
import { type HubFile, listModelFiles, resolveCommit } from "./listing.js";
import type { ModelFile } from "./model-files.js";

/** A model at a commit: what it consists of, and where that is or comes from. */
export interface OpenModel {
  readonly connection: HubConnection;
  readonly cache: ModelCache;
  readonly commit: string;
  /** As the hub lists them, or as they lie in the cache where no listing was kept: then none is missing. */
  readonly files: readonly (HubFile | ModelFile)[];
  /** True where nothing more can be fetched. */
  readonly fromCache: boolean;
}

/**
 * Resolves a revision to a commit and lists its files: from the hub, or from the cache where the hub must not or can not
 * be asked.
 *
 * @throws PrumergeError `INVALID_OPTION`, `NOT_FOUND`, `NETWORK`, `UNSAFE_PATH`, `LIMIT_EXCEEDED`, `ABORTED`.
 */
export async function openModel(
  id: string,
  options: HubOptions & { readonly revision?: string },
): Promise<OpenModel> {
  const parsed = parseHubId(id);
  const revision = options.revision ?? parsed.revision ?? "main";
  checkRevision(revision);
  const connection = await connect(options);
  const cache = new ModelCache(connection.cacheDir, parsed.name);
  const known = isCommit(revision) ? revision : await cache.readRef(revision);
  if (connection.offline) return fromCache(connection, cache, id, known);
  try {
    return await fromHub(connection, cache, revision, known);
  } catch (error) {
    const lost = PrumergeError.isInstance(error) && error.cause instanceof PassingFailure;
    if (!lost || known === undefined || (await cache.readListing(known)) === undefined) throw error;
    return fromCache(connection, cache, id, known);
  }
}

async function fromHub(
  connection: HubConnection,
  cache: ModelCache,
  revision: string,
  known: string | undefined,
): Promise<OpenModel> {
  // With a copy at hand, a hub that does not answer is not waited for long.
  const { patience } = connection;
  const hasCopy = known !== undefined && (await cache.readListing(known)) !== undefined;
  const asking = hasCopy
    ? { ...connection, patience: { ...patience, attempts: Math.min(2, patience.attempts) } }
    : connection;
  const commit = isCommit(revision) ? revision : await resolveCommit(asking, cache.name, revision);
  const recorded = await cache.readListing(commit);
  const files = recorded ?? (await listModelFiles(asking, cache.name, commit));
  if (recorded === undefined) await unlessReadOnly(cache.writeListing(commit, files));
  if (commit !== revision && commit !== known) await unlessReadOnly(cache.writeRef(revision, commit));
  return { connection, cache, commit, files, fromCache: false };
}

async function fromCache(
  connection: HubConnection,
  cache: ModelCache,
  id: string,
  commit: string | undefined,
): Promise<OpenModel> {
  const onDisk = commit === undefined ? [] : await cache.filesOnDisk(commit);
  if (commit === undefined || onDisk.length === 0) {
    throw new PrumergeError("NOT_FOUND", "the model is not in the cache, and the hub may not be asked", {
      where: id,
      expected: `a snapshot in ${cache.folder}`,
      help: "Unset HF_HUB_OFFLINE (or the option offline) once to download it",
    });
  }
  // Other programs' downloads have no record; then what lies there counts as all there is.
  const files = (await cache.readListing(commit)) ?? onDisk;
  return { connection, cache, commit, files, fromCache: true };
}

/** A whole model in a cache that may only be read needs no record of what the hub said. */
function unlessReadOnly(write: Promise<void>): Promise<void> {
  return write.catch((error: NodeJS.ErrnoException) => {
    if (!["EACCES", "EPERM", "EROFS"].includes(error.code ?? "")) throw error;
  });
}
