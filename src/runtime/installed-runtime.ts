import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { thisMachine, whyNotLoaded } from "./not-loaded.js";

/**
 * The version of the installed ONNX Runtime, read from its package without loading it.
 *
 * @throws PrumergeError RUNTIME where it is not installed
 */
export function runtimeVersion(): string {
  try {
    return createRequire(import.meta.url)("onnxruntime-node/package.json").version;
  } catch (cause) {
    throw whyNotLoaded(cause, thisMachine());
  }
}

/** The folder of the installed package, and that of its libraries for this machine. */
export function runtimeFolders(): { readonly own: string; readonly libraries: string } {
  const own = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  return { own, libraries: join(own, "bin", "napi-v6", process.platform, process.arch) };
}
