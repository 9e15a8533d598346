import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PrumergeError } from "../errors.js";
import { isModelFolder } from "../folder/model-folder.js";
import type { CheckpointModel, FindOptions, HubProgress, RemoteModel } from "../hub/index.js";
import { bundledModel } from "../models/names.js";

/** Where the bundled model lies; src/ and dist/ are equally deep. */
const bundledFolder = fileURLToPath(new URL(`../../models/${bundledModel}`, import.meta.url));

/** A picture that comes with the bundled model. */
export function samplePath(file: string): string {
  return join(bundledFolder, "samples", file);
}

export interface FindFolderOptions extends FindOptions {
  /** Called while a model folder is downloaded. */
  readonly onDownload?: (progress: HubProgress) => void;
  /** Called with a model folder of the hub that is not wholly here; returns the folder. Default: download it. */
  readonly onRemote?: (remote: RemoteModel) => Promise<string>;
  /** Called with a checkpoint that was never converted, to convert it; returns the folder. Default: refuse it. */
  readonly onCheckpoint?: (checkpoint: CheckpointModel) => Promise<string>;
}

/**
 * The folder of a model that can be loaded: the bundled one by its name, a folder on this machine, or a model of the
 * hub, downloaded where it is not in the cache yet.
 *
 * @throws PrumergeError NOT_FOUND with what was looked for, UNSUPPORTED_MODEL for a checkpoint, with the command that
 * converts it, and what the hub refuses
 */
export async function findFolder(idOrFolder: string, options: FindFolderOptions = {}): Promise<string> {
  if (idOrFolder === bundledModel) return bundledFolder;
  if (await isModelFolder(idOrFolder)) return idOrFolder;
  const { fetchModel, findModel } = await import("../hub/index.js"); // only here is the hub needed
  const { onDownload, onRemote, onCheckpoint, ...rest } = options;
  const found = await findModel(idOrFolder, rest).catch((error: unknown) => {
    throw withHint(error, idOrFolder);
  });
  if (found.kind === "ready") return found.folder;
  if (found.kind === "checkpoint") {
    if (onCheckpoint === undefined) throw notConverted(idOrFolder, found);
    return onCheckpoint(found);
  }
  if (onRemote !== undefined) return onRemote(found);
  const ready = await fetchModel(found, { ...rest, ...(onDownload && { onProgress: onDownload }) });
  return ready.folder;
}

/** Where a checkpoint's conversion is looked for: in the cache for one of the hub, else beside it. */
export function conversionTarget({ source, destination, dtype }: CheckpointModel): string {
  return destination ?? `${source.replace(/[/\\]+$/, "")}-${dtype}`;
}

/** The command that makes a checkpoint a model folder. */
export function conversionCommand(checkpoint: CheckpointModel): string {
  const { source, dtype } = checkpoint;
  return `prumerge convert ${quote(source)} ${quote(conversionTarget(checkpoint))} --dtype ${dtype}`;
}

/** Says that a checkpoint has to be converted, and how. */
export function notConverted(idOrFolder: string, checkpoint: CheckpointModel): PrumergeError {
  return new PrumergeError("UNSUPPORTED_MODEL", "a checkpoint that has not been converted yet", {
    where: idOrFolder,
    expected: "a model folder",
    help: `Convert it once: ${conversionCommand(checkpoint)}`,
  });
}

function withHint(error: unknown, idOrFolder: string): unknown {
  if (!PrumergeError.isInstance(error) || error.code !== "NOT_FOUND" || idOrFolder.includes("/"))
    return error;
  const { help } = error.details;
  const hint = `The bundled model is called ${bundledModel}`;
  return new PrumergeError("NOT_FOUND", "there is no such model", {
    ...error.details,
    help: help === undefined ? hint : `${help}. ${hint}`,
    cause: error,
  });
}

/** For a POSIX shell, only where it needs it. */
function quote(text: string): string {
  return /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
