import { PrumergeError } from "../errors.js";
import { refuseAborted } from "../generate/aborted.js";
import { type CacheForm, checkCacheForm, defaultCacheForm } from "../models/cache-forms.js";
import { checkDtype, type Dtype } from "../models/dtypes.js";
import { otherForms, type PrefillGraph } from "../models/language-forms.js";
import { bundledModel } from "../models/names.js";
import {
  type DecoderSettings,
  type DecoderWishes,
  loadDecoder,
  loadEngine,
  type PoolLimits,
} from "../runtime/index.js";
import { assembleModel } from "./assemble-model.js";
import { describeFolder } from "./describe-folder.js";
import { type FindFolderOptions, findFolder } from "./find-folder.js";
import type { FolderDescription } from "./folder-description.js";
import { checkPrefill, chooseGraphs } from "./integer-graphs.js";
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
  /**
   * Folder for weights in the layout that this processor multiplies by, kept in files that are mapped: they are no process's own memory, several
   * processes share them, and the vision tower is as fast as in memory. What is missing there is made when it is first used, and
   * needs 2.5 times the bytes of the model's weights on disk. Default: each process holds that layout by itself.
   */
  readonly packed?: string;
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
  /**
   * How keys and values are held: `fp32`, or `q8`, 8 bits with a scale for each row and head, of which 3.8 times as many fit at a
   * head width of 128; answers may differ from those of `fp32` where two words are about as likely. Default `fp32`.
   */
  readonly cache?: CacheForm;
  /**
   * By which graph prompts go through the language model, of a folder that has one of its own for them (`prefillDtype` of `convert`): `own`, or
   * `decoder`, the one that tokens go through. Default: its own, unless this processor would compute that inexactly, which `notes` then say.
   */
  readonly prefill?: PrefillGraph;
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
  const {
    device,
    threads,
    packed,
    dtype,
    worker,
    keepCacheBytes,
    keepCaches,
    warm,
    batch,
    cache,
    prefill,
    ...find
  } = options;
  const { signal } = find;
  checkDtype(dtype, "dtype");
  checkCacheForm(cache, "cache");
  checkPrefill(prefill);
  refuseAborted(signal, "loading a model");
  const folder = await findFolder(idOrFolder ?? bundledModel, { ...find, ...(dtype && { dtype }) });
  const found = await describeFolder(folder, dtype);
  const { graphs, notes: chosen } = await chooseGraphs(found.graphs, prefill);
  const described = { ...found, graphs };
  const { settings, notes = [] } = await decoderOf(described, batch, cache);
  const description = {
    ...described,
    // Also where the processor leaves no other choice: answers are others then.
    forms: otherForms({ cache, prefill: found.graphs.prefill === graphs.prefill ? prefill : "decoder" }),
    notes: [...described.notes, ...chosen, ...notes],
    unnamed: idOrFolder === undefined,
  };
  refuseAborted(signal, "loading a model");
  const engine = await loadEngine(description.graphs, {
    ...(device !== undefined && { device }),
    ...(threads !== undefined && { threads }),
    ...(packed !== undefined && { packed }),
    ...(worker !== undefined && { worker }),
    ...(settings !== undefined && { decoder: settings }),
    warm: warm ?? ["vision", "language"],
  });
  try {
    refuseAborted(signal, "loading a model");
    return assembleModel(description, engine, { pixels: readPixels }, keepCacheBytes, keepCaches);
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

/** A decoder other than the folder's where that is asked for; where answers cannot share runs, why. */
async function decoderOf(
  { graphs, spec }: FolderDescription,
  pool: PoolLimits | undefined,
  cache: CacheForm = defaultCacheForm,
): Promise<{ readonly settings?: DecoderSettings; readonly notes?: readonly string[] }> {
  const made = async (wishes: DecoderWishes) => ({ settings: await loadDecoder(graphs, spec, wishes) });
  const alone = () => (cache === defaultCacheForm ? {} : made({ cache }));
  if (pool === undefined) return alone();
  try {
    return await made({ pool, cache });
  } catch (error) {
    if (!PrumergeError.isInstance(error) || error.code !== "UNSUPPORTED_MODEL") throw error;
    const notes = [`Answers take turns, one step after another: ${error.message}`];
    return { ...(await alone()), notes };
  }
}
