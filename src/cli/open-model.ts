import type { LoadOptions } from "../model/load-model.js";
import type { LoadedModel } from "../model/model.js";
import { bundledModel } from "../models/names.js";
import { orAborted } from "../or-aborted.js";
import { closeSoon } from "./interrupt.js";
import { tellNotes } from "./model-notes.js";
import { canAsk, findConversion } from "./offer-conversion.js";
import type { ModelOptions } from "./options.js";
import { StatusLine } from "./status-line.js";

/** What is not set by options that all commands have. */
type MoreLoadOptions = Pick<LoadOptions, "keepCacheBytes" | "keepCaches" | "warm" | "batch">;

interface Wanted extends ModelOptions {
  /** Paths of the pictures that the model is going to be asked about; `later`: the work tells its notes, as pictures come. */
  readonly pictures?: readonly string[] | "later";
}

/**
 * Loads the model that the options name, says on standard error what a user should know about it, hands it to the work,
 * and closes it afterwards, whatever happens.
 */
export async function withModel<T>(
  options: Wanted,
  signal: AbortSignal,
  work: (model: LoadedModel, status: StatusLine) => Promise<T>,
  load: MoreLoadOptions = {},
): Promise<T> {
  const quiet = options.quiet || options.json;
  const status = new StatusLine({ quiet });
  status.show(`Loading ${options.model ?? bundledModel} ...`);
  let model: LoadedModel | undefined;
  try {
    model = await openModel(options, signal, status, load);
    status.clear();
    if (!quiet && options.pictures !== "later")
      await tellNotes(model, (text) => process.stderr.write(text))(options.pictures ?? []);
    return await orAborted(work(model, status), signal);
  } finally {
    status.clear();
    const closing = model?.dispose();
    if (closing !== undefined) await closeSoon(closing, signal);
  }
}

async function openModel(
  options: ModelOptions,
  signal: AbortSignal,
  status: StatusLine,
  load: MoreLoadOptions,
): Promise<LoadedModel> {
  const { loadModel } = await import("../model/load-model.js");
  const { model, device, threads, packed, cache, prefill, quiet, json } = options;
  const start = performance.now();
  return loadModel(model, {
    ...load,
    signal,
    ...(device !== undefined && { device }),
    ...(threads !== undefined && { threads }),
    ...(packed !== undefined && { packed }),
    ...(cache !== undefined && { cache }),
    ...(prefill !== undefined && { prefill }),
    onNote: (note) => status.note(note),
    onDownload: ({ file, bytes, total }) =>
      status.progress(`Downloading ${file}`, bytes, total, (performance.now() - start) / 1000),
    onCheckpoint: (checkpoint) =>
      findConversion(model ?? bundledModel, checkpoint, {
        mayAsk: canAsk() && !quiet && !json,
        signal,
        status,
      }),
  });
}
