import { resolve } from "node:path";
import { PrumergeError } from "../errors.js";
import { checkDtype } from "../models/dtypes.js";
import { convertedCommits, convertedFolder, rememberedConversion } from "./converted.js";
import { estimateConversion } from "./estimate.js";
import type { FoundModel, HubOrigin, ReadyModel, RemoteModel } from "./found-model.js";
import { isCommit, parseHubId } from "./hub-id.js";
import { isFolder, localFiles } from "./local-folder.js";
import {
  checkpointFiles,
  type FileSelection,
  type ModelFile,
  missingGraphs,
  modelFolderFiles,
  modelForm,
  type WantedDtypes,
} from "./model-files.js";
import { readCheckpointConfig } from "./read-checkpoint-config.js";
import { configOnly, type HubListing, listHub, type ResolveOptions, resolveHub } from "./resolve-hub.js";

export interface FindOptions extends Omit<ResolveOptions, "files" | "onProgress">, WantedDtypes {}

/**
 * Says what a model argument stands for, without downloading weights: a folder on this machine, or, where there is none
 * of that name, a model of the hub.
 *
 * @param idOrPath a folder, `owner/name` or `owner/name@revision`
 * @param options `dtype`: wanted precision, default for conversions `q4`
 * @throws PrumergeError `NOT_FOUND` where there is nothing, `UNSUPPORTED_MODEL` where it is no model that we read,
 *   `INVALID_OPTION` for what is no dtype, and what {@link resolveHub} throws.
 */
export async function findModel(idOrPath: string, options: FindOptions = {}): Promise<FoundModel> {
  checkDtype(options.dtype, "dtype");
  checkDtype(options.visionDtype, "visionDtype");
  if (await isFolder(idOrPath)) return findFolder(resolve(idOrPath), options);
  return findOnHub(idOrPath, options);
}

/**
 * Downloads what {@link findModel} found on the hub.
 *
 * @throws as {@link resolveHub} does.
 */
export async function fetchModel(
  { hub, form, files }: RemoteModel,
  options: Omit<ResolveOptions, "files" | "revision"> = {},
): Promise<ReadyModel> {
  const { folder } = await resolveHub(hub.name, { ...options, revision: hub.commit, files });
  return { kind: "ready", form, folder, hub };
}

/**
 * Downloads config.json alone, for what is told of a model whose weights are not here.
 *
 * @returns the folder that holds it, and perhaps nothing else
 * @throws as {@link resolveHub} does
 */
export async function fetchConfig(
  { name, commit }: HubOrigin,
  options: Omit<ResolveOptions, "files" | "revision"> = {},
): Promise<string> {
  return (await resolveHub(name, { ...options, revision: commit, files: configOnly })).folder;
}

async function findFolder(folder: string, { dtype = "q4", visionDtype }: FindOptions): Promise<FoundModel> {
  const files = await localFiles(folder);
  const form = recognise(files, folder);
  if (form !== "checkpoint") return { kind: "ready", form, folder };
  const config = await readCheckpointConfig(folder, folder);
  const estimate = estimateConversion(weightBytes(files), config, {
    dtype,
    ...(visionDtype && { visionDtype }),
  });
  return { kind: "checkpoint", source: folder, dtype, downloadBytes: 0, estimate };
}

async function findOnHub(id: string, options: FindOptions): Promise<FoundModel> {
  const known = await lastConversion(id, options);
  let listing: HubListing;
  try {
    listing = await listHub(id, { ...options, needed: neededFiles(options), hasOther: known !== undefined });
  } catch (error) {
    const missing = PrumergeError.isInstance(error) && ["NOT_FOUND", "NETWORK"].includes(error.code);
    if (!missing || known === undefined) throw error;
    return known;
  }
  const { name, commit } = listing;
  const hub = { name, commit };
  const form = recognise(listing.files, name);
  // A hub that has just given no answer is not asked again.
  const asking = listing.fromCache ? { ...options, offline: true } : options;
  if (form === "checkpoint") return findCheckpoint(listing, asking);
  const files = modelFolderFiles(options);
  const downloadBytes = await listing.missingBytes(files(listing.files));
  const remote: RemoteModel = { kind: "remote", form, hub, files, downloadBytes };
  return downloadBytes === 0 ? fetchModel(remote, asking) : remote;
}

/** What a copy must hold to be run, or converted. */
function neededFiles(options: WantedDtypes): FileSelection {
  const ofFolder = modelFolderFiles(options);
  return (files) => (modelForm(files) === "checkpoint" ? checkpointFiles(files) : ofFolder(files));
}

// The checkpoint of a conversion may long have been cleared from the cache, and the hub be out of reach.
async function lastConversion(id: string, options: FindOptions): Promise<ReadyModel | undefined> {
  const { name, revision = "main" } = {
    ...parseHubId(id),
    ...(options.revision && { revision: options.revision }),
  };
  const commits = isCommit(revision) ? [revision] : revision === "main" ? await convertedCommits(name) : [];
  for (const commit of commits) {
    const folder = await rememberedConversion(name, commit, options);
    if (folder !== undefined) return { kind: "ready", form: "converted", folder, hub: { name, commit } };
  }
  return undefined;
}

async function findCheckpoint(listing: HubListing, options: FindOptions): Promise<FoundModel> {
  const { name, commit } = listing;
  const hub = { name, commit };
  const remembered = await rememberedConversion(name, commit, options);
  if (remembered !== undefined) return { kind: "ready", form: "converted", folder: remembered, hub };
  // Nothing can be downloaded: a copy that the conversion would refuse is refused here.
  if (listing.fromCache) await resolveHub(name, { ...options, revision: commit, files: checkpointFiles });
  const { dtype = "q4", visionDtype } = options;
  const needed = checkpointFiles(listing.files);
  const config = await readCheckpointConfig(await fetchConfig(hub, options), name);
  const dtypes = { dtype, ...(visionDtype && { visionDtype }) };
  return {
    kind: "checkpoint",
    source: `${name}@${commit}`,
    destination: convertedFolder(name, commit, dtypes),
    hub,
    dtype,
    downloadBytes: await listing.missingBytes(needed),
    estimate: estimateConversion(weightBytes(listing.files), config, dtypes),
  };
}

function recognise(
  files: readonly ModelFile[],
  where: string,
): "converted" | "transformers.js" | "checkpoint" {
  const form = modelForm(files);
  if (form === "adapter") {
    throw new PrumergeError("UNSUPPORTED_MODEL", "this is an adapter or projector without its base model", {
      where,
      help: "Convert it with its base: prumerge convert BASE DEST --lora FOLDER, or --projector FILE",
    });
  }
  const hasConfig = files.some(({ path }) => path === "config.json");
  if (form !== undefined && hasConfig) return form;
  throw new PrumergeError("UNSUPPORTED_MODEL", "this is no model that prumerge reads", {
    where,
    expected:
      "a converted folder (prumerge.json), ONNX files for transformers.js, or weights as .safetensors or .bin",
    found: foundAmong(files, hasConfig),
  });
}

function foundAmong(files: readonly ModelFile[], hasConfig: boolean): string {
  if (files.length === 0) return "no files";
  if (!hasConfig) return "no config.json";
  const absent = missingGraphs(files);
  return absent.length === 0 ? "no weights" : `graphs without ${absent.join(" and ")}`;
}

function weightBytes(files: readonly ModelFile[]): number {
  const weights = checkpointFiles(files).filter(({ path }) => /\.(safetensors|bin)$/.test(path));
  return weights.reduce((total, { size }) => total + size, 0);
}
