import { mkdir, open, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isModelFolder, type ModelFolder, readManifest, readModelFolder } from "../folder/model-folder.js";
import { manifestName } from "../models/names.js";
import { folderError } from "./band-writer.js";
import { checkDestination, followLinks } from "./destination.js";
import { checkDiskSpace } from "./disk-space.js";
import { type ConvertOptions, checkWorkers, type PlanOptions } from "./options.js";
import { type ConversionPlan, type PreparedConversion, prepareConversion } from "./plan.js";
import { StagingFolder } from "./staging.js";
import { cutIntoBands } from "./weight-job.js";
import { carryOutBands, throwIfAborted } from "./worker-pool.js";

/** Input that one thread holds at a time, bytes; as float32 and quantised it is about three times as much. */
const bandBytes = 4 * 1024 * 1024;

/**
 * Says what a conversion of a checkpoint would read and write, and roughly how long it would take. Reads headers, and the
 * values of tables that are said to be the same where both are stored.
 *
 * @throws PrumergeError as {@link convert} does for the source and the options
 */
export async function planConversion(source: string, options: PlanOptions = {}): Promise<ConversionPlan> {
  const {
    layout: _,
    jobs: __,
    contents: ___,
    ...plan
  } = await prepareConversion(source, options, checkWorkers());
  return plan;
}

/**
 * Converts a LLaVA checkpoint into a model folder. The destination appears complete or not at all; memory does not grow
 * with the model.
 *
 * @param source folder of a checkpoint
 * @param destination folder to be; must not exist, be empty, or with `overwrite` be an earlier conversion, both now and
 * when the conversion is done. A link to a folder stays, and the folder is replaced; a mount point is refused
 * @returns the folder that was written
 * @throws PrumergeError INVALID_OPTION, NOT_FOUND, INVALID_FILE, UNSUPPORTED_MODEL and others for the source;
 * INVALID_TENSOR for weights that are not finite or do not fit float16; DISK_FULL before or while writing; ABORTED
 *
 * @example
 * ```ts
 * await convert("llava-1.5-7b-hf", "llava-q4", { dtype: "q4", onProgress: ({ doneBytes }) => console.log(doneBytes) });
 * ```
 */
export async function convert(
  source: string,
  destination: string,
  options: ConvertOptions = {},
): Promise<ModelFolder> {
  const { signal, overwrite = false } = options;
  const workers = checkWorkers(options.workers);
  throwIfAborted(signal);
  const target = await followLinks(destination);
  const check = () => checkDestination(target, overwrite, () => writtenFiles(target));
  await check();
  const plan = await prepareConversion(source, options, workers);
  for (const sentence of plan.notes) options.onNote?.(sentence);
  const staging = await StagingFolder.create(target);
  try {
    await checkDiskSpace(staging.path, plan.outputBytes);
    await write(plan, staging.path, { ...options, workers });
    throwIfAborted(signal);
    await staging.finish(check);
  } catch (error) {
    await staging.discard();
    throw error;
  }
  return readModelFolder(destination);
}

async function write(
  plan: PreparedConversion,
  folder: string,
  options: ConvertOptions & { workers: number },
) {
  const { signal, onProgress } = options;
  const paths = plan.layout.weightFiles.map((file) => join(folder, "onnx", file.location));
  try {
    await mkdir(join(folder, "onnx"));
    for (const [path, bytes] of plan.contents) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), bytes);
    }
    for (const [i, { byteLength }] of plan.layout.weightFiles.entries())
      await makeFile(paths[i]!, byteLength);
  } catch (error) {
    throw folderError(error, folder);
  }
  const start = performance.now();
  let doneBytes = 0;
  await carryOutBands(cutIntoBands(plan.jobs, bandBytes), paths, {
    workers: options.workers,
    signal,
    onBytes: (bytes) => {
      doneBytes += bytes;
      const seconds = (performance.now() - start) / 1000;
      onProgress?.({ doneBytes, totalBytes: plan.inputBytes, seconds });
    },
  });
  // A power cut after the rename must not leave a folder of zeros.
  for (const path of paths) await flush(path);
}

async function makeFile(path: string, byteLength: number): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.truncate(byteLength);
  } finally {
    await file.close();
  }
}

async function flush(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.datasync();
  } catch (error) {
    throw folderError(error, path);
  } finally {
    await file.close();
  }
}

/** Paths that the converter wrote to a model folder. */
async function writtenFiles(folder: string): Promise<ReadonlySet<string> | undefined> {
  if (!(await isModelFolder(folder))) return undefined;
  const { files } = await readManifest(folder);
  return new Set([manifestName, ...files.map((file) => file.path)]);
}
