import { cpus, totalmem } from "node:os";
import { runtimeVersion } from "../../model/runtime-version.js";
import { version } from "../../version.js";
import type { Run } from "./run-folder.js";

/**
 * What runs here.
 *
 * @throws PrumergeError RUNTIME where ONNX Runtime is not installed
 */
export function ownVersions(): Run["versions"] {
  return { prumerge: version, node: process.version, onnxruntime: runtimeVersion() };
}

/** Where it runs. */
export function ownMachine(): Run["machine"] {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? "unknown",
    cores: processors.length,
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
  };
}
