import type { ConvertOptions, ModelFolder } from "../convert/index.js";
import type { StatusLine } from "./status-line.js";

/** Fetches a checkpoint where it is not on this machine, and converts it, with progress. */
export async function runConversion(
  source: string,
  destination: string,
  options: Omit<ConvertOptions, "signal" | "onProgress" | "sourceName"> & { readonly signal: AbortSignal },
  status: StatusLine,
): Promise<ModelFolder> {
  const [{ fetchCheckpoint }, { convert }] = await Promise.all([
    import("../hub/index.js"),
    import("../convert/index.js"),
  ]);
  const start = performance.now();
  const checkpoint = await fetchCheckpoint(source, {
    signal: options.signal,
    onProgress: ({ file, bytes, total }) =>
      status.progress(`Downloading ${file}`, bytes, total, (performance.now() - start) / 1000),
  });
  try {
    return await convert(checkpoint.folder, destination, {
      ...options,
      sourceName: checkpoint.name,
      onProgress: ({ doneBytes, totalBytes, seconds }) =>
        status.progress("Converting", doneBytes, totalBytes, seconds),
    });
  } finally {
    status.clear();
  }
}
