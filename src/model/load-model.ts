import { refuseAborted } from "../generate/aborted.js";
import { checkDtype, type Dtype } from "../models/dtypes.js";
import { bundledModel } from "../models/names.js";
import { loadEngine } from "../runtime/index.js";
import { assembleModel } from "./assemble-model.js";
import { describeFolder } from "./describe-folder.js";
import { type FindFolderOptions, findFolder } from "./find-folder.js";
import type { LoadedModel } from "./model.js";
import { readPixels } from "./model-input.js";

export interface LoadOptions extends Omit<FindFolderOptions, "visionDtype" | "onRemote"> {
  /** Execution provider of ONNX Runtime; default `cpu`, which is what is tested. */
  readonly device?: string;
  /** Threads of one run; default: one per core. */
  readonly threads?: number;
  /**
   * Which precision, where there are several. Default: the most precise one in a folder on this machine; of a model of the
   * hub that one, q4 before the others, is downloaded, or the smallest conversion taken.
   */
  readonly dtype?: Dtype;
  /** Keep the sessions in worker threads, so that the caller's event loop stays free. Default true. */
  readonly worker?: boolean;
  /** Bytes of key/value caches of earlier prompts to keep; the latest is always kept. Default 512 MiB. */
  readonly keepCacheBytes?: number;
  /** How many of them to keep. Default 4. */
  readonly keepCaches?: number;
  /** Ends downloading and loading; a loaded model is left alone. */
  readonly signal?: AbortSignal;
  /** Which halves to open at once instead of when they are first used. Default: both. */
  readonly warm?: readonly ("vision" | "language")[];
}

/**
 * Loads a model: the bundled one, a model folder, or a model of the hub by `owner/name`.
 *
 * @param idOrFolder default: the bundled `pocket-llava`, whose `notes` then say what it knows
 * @throws PrumergeError NOT_FOUND with what was looked for; UNSUPPORTED_MODEL for an unconverted checkpoint, with the
 * command that converts it; INVALID_FILE for a damaged folder; INVALID_OPTION; NETWORK; ABORTED
 */
export async function loadModel(idOrFolder?: string, options: LoadOptions = {}): Promise<LoadedModel> {
  const { device, threads, dtype, worker, keepCacheBytes, keepCaches, warm, ...find } = options;
  const { signal } = find;
  checkDtype(dtype, "dtype");
  refuseAborted(signal, "loading a model");
  const folder = await findFolder(idOrFolder ?? bundledModel, { ...find, ...(dtype && { dtype }) });
  const description = { ...(await describeFolder(folder, dtype)), unnamed: idOrFolder === undefined };
  refuseAborted(signal, "loading a model");
  const engine = await loadEngine(description.graphs, {
    ...(device !== undefined && { device }),
    ...(threads !== undefined && { threads }),
    ...(worker !== undefined && { worker }),
    warm: warm ?? ["vision", "language"],
  });
  try {
    refuseAborted(signal, "loading a model");
    return assembleModel(description, engine, readPixels, keepCacheBytes, keepCaches);
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}
