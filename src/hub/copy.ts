import { PrumergeError } from "../errors.js";
import { HubFailure } from "./attempts.js";
import type { FoundFile, ModelCache } from "./cache.js";
import { impliedFiles } from "./implied-files.js";
import type { FileSelection, ModelFile } from "./model-files.js";

/** What the cache holds of a model at a commit. */
export interface CachedCopy {
  readonly commit: string;
  /** As the hub listed them; where nobody kept that, those on disk and those that they ask for. */
  readonly files: readonly ModelFile[];
  /** Those of the needed files that are not on disk at their full size. */
  lacking(needed: FileSelection): Promise<string[]>;
}

/** The copy of a commit, undefined where not a single file of it is here. */
export async function findCopy(cache: ModelCache, commit: string): Promise<CachedCopy | undefined> {
  const onDisk = await cache.filesOnDisk(commit);
  if (onDisk.every(({ size }) => size === undefined)) return undefined;
  const files = await filesOf(cache, commit, onDisk);
  return {
    commit,
    files,
    async lacking(needed) {
      const absent: string[] = [];
      for (const file of needed(files)) if (!(await cache.has(commit, file))) absent.push(file.path);
      return absent;
    },
  };
}

async function filesOf(
  cache: ModelCache,
  commit: string,
  onDisk: readonly FoundFile[],
): Promise<readonly ModelFile[]> {
  const listed = await cache.readListing(commit);
  if (listed !== undefined) return listed;
  // The size of what is not there is not known, and plays no part: the file has none.
  const linked = onDisk.map(({ path, size = 0 }) => ({ path, size }));
  const { named, supposed } = await impliedFiles(cache.snapshot(commit), linked);
  const absent = named.map((path) => ({ path, size: 0 }));
  return [...linked, ...absent, ...supposed.map((path) => ({ path, size: 0, supposed: true as const }))];
}

/** Why the hub gave no answer, where a copy may stand in for it; undefined for any other error. */
export function whyNoAnswer(error: unknown): string | undefined {
  if (!PrumergeError.isInstance(error) || !(error.cause instanceof HubFailure)) return undefined;
  return error.cause.message;
}

/** A hub that refuses is believed: what it has withdrawn is used only by who says so. */
export function withCopyHint(error: unknown): unknown {
  if (!PrumergeError.isInstance(error) || !["NETWORK", "NOT_FOUND"].includes(error.code)) return error;
  const { help, ...rest } = error.details;
  const hint = "HF_HUB_OFFLINE=1 uses the copy in the cache";
  return new PrumergeError(error.code, error.summary, {
    ...rest,
    help: help === undefined ? hint : `${help}. ${hint}`,
    cause: error,
  });
}

/** Says that the cache holds nothing of a model, or not what was asked for. */
export function notInCache(id: string, cache: ModelCache, commits: readonly string[]): PrumergeError {
  return new PrumergeError("NOT_FOUND", "the model is not in the cache, and the hub may not be asked", {
    where: id,
    expected: `a snapshot in ${cache.folder}`,
    ...(commits.length > 0 && { found: `snapshots of other revisions: ${commits.slice(0, 5).join(", ")}` }),
    help: `${unset} once to download it`,
  });
}

/** Names the files that a copy lacks. */
export function incompleteCopy(
  id: string,
  paths: readonly string[],
  reason: string | undefined,
): PrumergeError {
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : "";
  return new PrumergeError("NOT_FOUND", "the cache does not hold all files of the model", {
    where: id,
    found: `no ${paths.slice(0, 3).join(", ")}${more}`,
    help:
      reason === undefined
        ? `${unset} once to download them`
        : `The hub cannot be reached at present (${reason}); try again to download them`,
  });
}

const unset = "Unset HF_HUB_OFFLINE and TRANSFORMERS_OFFLINE (or the option offline)";
