import { PrumergeError } from "../errors.js";
import { refuseAborted } from "../generate/aborted.js";
import { checkDtype, type Dtype } from "../models/dtypes.js";
import { bundledModel } from "../models/names.js";
import { type BatchSettings, loadBatch, loadEngine, type PoolLimits } from "../runtime/index.js";
import { assembleModel } from "./assemble-model.js";
import { describeFolder } from "./describe-folder.js";
import { type FindFolderOptions, findFolder } from "./find-folder.js";
import type { FolderDescription } from "./folder-description.js";
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
  /**
   * The next tokens of answers that are under way at the same time are one run, which reads the weights once for all of them: at most so
   * many answers, and bytes for their keys and values. Tokens stay those of answers alone but for the last bits of logits, which are not
   * the same. Default: answers take turns, step by step. A model that cannot says so in its `notes`.
   */
  readonly batch?: PoolLimits;
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
  const { device, threads, dtype, worker, keepCacheBytes, keepCaches, warm, batch, ...find } = options;
  const { signal } = find;
  checkDtype(dtype, "dtype");
  refuseAborted(signal, "loading a model");
  const folder = await findFolder(idOrFolder ?? bundledModel, { ...find, ...(dtype && { dtype }) });
  const described = await describeFolder(folder, dtype);
  const { settings, notes = [] } = batch === undefined ? {} : await batchOf(described, batch);
  const description = {
    ...described,
    notes: [...described.notes, ...notes],
    unnamed: idOrFolder === undefined,
  };
  refuseAborted(signal, "loading a model");
  const engine = await loadEngine(description.graphs, {
    ...(device !== undefined && { device }),
    ...(threads !== undefined && { threads }),
    ...(worker !== undefined && { worker }),
    ...(settings !== undefined && { batch: settings }),
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

/** What lets answers share runs, or why they cannot. */
async function batchOf(
  { graphs, spec }: FolderDescription,
  limits: PoolLimits,
): Promise<{ readonly settings?: BatchSettings; readonly notes?: readonly string[] }> {
  try {
    return { settings: await loadBatch(graphs, spec, limits) };
  } catch (error) {
    if (!PrumergeError.isInstance(error) || error.code !== "UNSUPPORTED_MODEL") throw error;
    return { notes: [`Answers take turns, one step after another: ${error.message}`] };
  }
}
