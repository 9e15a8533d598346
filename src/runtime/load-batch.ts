import { readFile } from "node:fs/promises";
import { PrumergeError } from "../errors.js";
import type { ModelSpec } from "../models/spec.js";
import type { BatchSettings, PoolLimits } from "./batch-settings.js";
import type { GraphFiles } from "./model-folder.js";

/**
 * What lets answers share runs of a folder's decoder.
 *
 * @throws PrumergeError UNSUPPORTED_MODEL where its language model has another exporter's form, whose runs return the whole
 * cache, or cannot be run over several sequences; INVALID_OPTION for limits that cannot be; INVALID_FILE
 */
export async function loadBatch(
  { decoder, folder }: GraphFiles,
  spec: ModelSpec,
  limits: PoolLimits,
): Promise<BatchSettings> {
  checkLimit("batch.most", limits.most, 2);
  checkLimit("batch.bytes", limits.bytes, 1);
  if (decoder?.form !== "ours") {
    throw new PrumergeError(
      "UNSUPPORTED_MODEL",
      "a language model of this form answers one question at a time",
      {
        expected: "onnx/decoder*.onnx",
        where: decoder?.path ?? folder,
        help: "Convert the checkpoint with prumerge convert",
      },
    );
  }
  // With the reader and builder of graphs, which nothing else needs that runs a model.
  const { batchDecoder } = await import("../graphs/batch-decoder.js");
  return { ...limits, graph: batchDecoder(spec, await readFile(decoder.path), decoder.path) };
}

function checkLimit(where: string, found: number, least: number): void {
  if (Number.isSafeInteger(found) && found >= least) return;
  throw new PrumergeError("INVALID_OPTION", "out of range", {
    where,
    expected: `a whole number, ${least} or more`,
    found: String(found),
  });
}
