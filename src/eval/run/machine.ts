import { createRequire } from "node:module";
import { cpus, totalmem } from "node:os";
import { version } from "../../version.js";
import type { Run } from "./run-folder.js";

/** What runs here. */
export function ownVersions(): Run["versions"] {
  const { version: onnxruntime } = createRequire(import.meta.url)("onnxruntime-node/package.json");
  return { prumerge: version, node: process.version, onnxruntime };
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
