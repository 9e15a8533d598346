import type { ConvertOptions, ModelFolder } from "../convert/index.js";
import type { StatusLine } from "./status-line.js";

/**
 * Fetches a checkpoint, and a vision tower or adapter named by its hub id, where they are not on this machine, and
 * converts it, with progress.
 */
export async function runConversion(
  source: string,
  destination: string,
  options: Omit<ConvertOptions, "onProgress" | "onNote" | "sourceName" | "visionTowerName" | "loraName"> & {
    readonly signal: AbortSignal;
  },
  status: StatusLine,
): Promise<ModelFolder> {
  const [{ fetchCheckpoint }, { convert }] = await Promise.all([
    import("../hub/index.js"),
    import("../convert/index.js"),
  ]);
  const fetch = (name: string, part: boolean) => {
    const start = performance.now();
    return fetchCheckpoint(name, {
      part,
      signal: options.signal,
      onNote: (note) => status.note(note),
      onProgress: ({ file, bytes, total }) =>
        status.progress(`Downloading ${file}`, bytes, total, (performance.now() - start) / 1000),
    });
  };
  try {
    const checkpoint = await fetch(source, false);
    const tower = options.visionTower === undefined ? undefined : await fetch(options.visionTower, true);
    const lora = options.lora === undefined ? undefined : await fetch(options.lora, true);
    return await convert(checkpoint.folder, destination, {
      ...options,
      sourceName: checkpoint.name,
      ...(tower && { visionTower: tower.folder, visionTowerName: tower.name }),
      ...(lora && { lora: lora.folder, loraName: lora.name }),
      onNote: (sentence) => status.note(sentence),
      onProgress: ({ doneBytes, totalBytes, seconds }) =>
        status.progress("Converting", doneBytes, totalBytes, seconds),
    });
  } finally {
    status.clear();
  }
}
