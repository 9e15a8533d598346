import { ModelCache } from "./cache.js";
import { connect, type HubConnection, type HubOptions } from "./connection.js";
import { type CachedCopy, findCopy, incompleteCopy, notInCache, whyNoAnswer, withCopyHint } from "./copy.js";
import { checkRevision, isCommit, parseHubId } from "./hub-id.js";
import { type HubFile, listModelFiles, resolveCommit } from "./listing.js";
import type { FileSelection, ModelFile } from "./model-files.js";

/** A model at a commit: what it consists of, and where that is or comes from. */
export type OpenModel = {
  readonly connection: HubConnection;
  readonly cache: ModelCache;
  readonly commit: string;
} & (
  | { readonly fromCache: false; readonly files: readonly HubFile[] }
  /** Nothing more can be fetched. */
  | { readonly fromCache: true; readonly files: readonly ModelFile[]; readonly copy: CachedCopy }
);

export interface OpenOptions extends HubOptions {
  readonly revision?: string;
  /** What a copy in the cache must hold to stand in for the hub. */
  readonly needed: FileSelection;
  /** The caller has something else to fall back on, so that a hub that does not answer is not asked again. */
  readonly hasOther?: boolean;
}

/**
 * Resolves a revision to a commit and lists its files: from the hub, or from the cache where the hub must not be asked or
 * gives no answer. With a copy at hand that has all that is needed, the hub is asked only once.
 *
 * @throws PrumergeError `INVALID_OPTION`, `NOT_FOUND`, `NETWORK`, `UNSAFE_PATH`, `LIMIT_EXCEEDED`, `ABORTED`.
 */
export async function openModel(id: string, options: OpenOptions): Promise<OpenModel> {
  const parsed = parseHubId(id);
  const revision = options.revision ?? parsed.revision ?? "main";
  checkRevision(revision);
  const connection = await connect(options);
  const cache = new ModelCache(connection.cacheDir, parsed.name);
  const known = isCommit(revision) ? revision : await cache.readRef(revision);
  const copy = known === undefined ? undefined : await findCopy(cache, known);
  const fromCopy = (one: CachedCopy) =>
    ({ connection, cache, commit: one.commit, files: one.files, fromCache: true, copy: one }) as const;
  if (connection.offline) {
    if (copy === undefined) throw notInCache(id, cache, await cache.commits());
    return fromCopy(copy);
  }
  const lacking = await copy?.lacking(options.needed);
  try {
    const once = lacking?.length === 0 || options.hasOther === true;
    return await fromHub(connection, once ? 1 : connection.patience.attempts, cache, revision, known);
  } catch (error) {
    const reason = whyNoAnswer(error);
    if (copy === undefined || lacking === undefined) throw error;
    if (reason === undefined) throw lacking.length > 0 ? error : withCopyHint(error);
    if (lacking.length > 0) throw incompleteCopy(id, lacking, reason);
    options.onNote?.(
      `${cache.name}: the hub gives no answer (${reason}); the copy in the cache is used, commit ${copy.commit.slice(0, 12)}`,
    );
    return fromCopy(copy);
  }
}

async function fromHub(
  connection: HubConnection,
  attempts: number,
  cache: ModelCache,
  revision: string,
  known: string | undefined,
): Promise<OpenModel> {
  const asking = { ...connection, patience: { ...connection.patience, attempts } };
  const commit = isCommit(revision) ? revision : await resolveCommit(asking, cache.name, revision);
  const recorded = await cache.readListing(commit);
  const files = recorded ?? (await listModelFiles(asking, cache.name, commit));
  if (recorded === undefined) await unlessReadOnly(cache.writeListing(commit, files));
  if (commit !== revision && commit !== known) await unlessReadOnly(cache.writeRef(revision, commit));
  return { connection, cache, commit, files, fromCache: false };
}

/** A whole model in a cache that may only be read needs no record of what the hub said. */
function unlessReadOnly(write: Promise<void>): Promise<void> {
  return write.catch((error: NodeJS.ErrnoException) => {
    if (!["EACCES", "EPERM", "EROFS"].includes(error.code ?? "")) throw error;
  });
}
