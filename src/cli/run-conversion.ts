import type { ConvertOptions, ModelFolder } from "../convert/index.js";
import type { StatusLine } from "./status-line.js";

/**
 * Fetches a checkpoint, and a vision tower or adapter named by its hub id, where they are not on this machine, and
 * converts it, with progress.
 */
export async function runConversion(
  source: string,
  destination: string,
  options: Omit<ConvertOptions, "onProgress" | "sourceName"> & { readonly signal: AbortSignal },
  status: StatusLine,
): Promise<ModelFolder> {
  const [{ fetchCheckpoint }, { convert }] = await Promise.all([
    import("../hub/index.js"),
    import("../convert/index.js"),
  ]);
  const fetchPart = (part: string) => {
    const start = performance.now();
    return fetchCheckpoint(part, {
      signal: options.signal,
      onProgress: ({ file, bytes, total }) =>
        status.progress(`Downloading ${file}`, bytes, total, (performance.now() - start) / 1000),
    });
  };
  const { visionTower, lora } = options;
  try {
    const checkpoint = await fetchPart(source);
    return await convert(checkpoint.folder, destination, {
      ...options,
      sourceName: checkpoint.name,
      ...(visionTower !== undefined && { visionTower: (await fetchPart(visionTower)).folder }),
      ...(lora !== undefined && { lora: (await fetchPart(lora)).folder }),
      onProgress: ({ doneBytes, totalBytes, seconds }) =>
        status.progress("Converting", doneBytes, totalBytes, seconds),
    });
  } finally {
    status.clear();
  }
}
