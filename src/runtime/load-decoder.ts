import { readFile } from "node:fs/promises";
import { PrumergeError } from "../errors.js";
import { type CacheForm, checkCacheForm, defaultCacheForm } from "../models/cache-forms.js";
import type { ModelSpec } from "../models/spec.js";
import type { DecoderSettings, PoolLimits } from "./decoder-settings.js";
import type { GraphFiles } from "./model-folder.js";

/** What is asked of a decoder that a folder's own does not do. */
export interface DecoderWishes {
  /** Lets answers share runs. */
  readonly pool?: PoolLimits;
  /** Default: `fp32`. */
  readonly cache?: CacheForm;
}

/**
 * Makes a decoder of a folder's, over the weights that are there.
 *
 * @throws PrumergeError UNSUPPORTED_MODEL where its language model has another exporter's form, whose runs return the whole
 * cache, or cannot be run over several sequences; INVALID_OPTION for limits that cannot be; INVALID_FILE
 */
export async function loadDecoder(
  { decoder, folder, prefill }: GraphFiles,
  spec: ModelSpec,
  { pool, cache = defaultCacheForm }: DecoderWishes,
): Promise<DecoderSettings> {
  checkCacheForm(cache, "cache");
  if (pool !== undefined) {
    checkLimit("batch.most", pool.most, 2);
    checkLimit("batch.bytes", pool.bytes, 1);
  }
  if (decoder?.form !== "ours") {
    throw new PrumergeError(
      "UNSUPPORTED_MODEL",
      cache === defaultCacheForm
        ? "a language model of this form answers one question at a time"
        : "a language model of this form returns its keys and values as they are",
      {
        expected: "onnx/decoder*.onnx",
        where: decoder?.path ?? folder,
        help: "Convert the checkpoint with prumerge convert",
      },
    );
  }
  // With the reader and builder of graphs, which nothing else needs that runs a model.
  const { batchDecoder } = await import("../graphs/batch-decoder.js");
  const wish = { several: pool !== undefined, cache };
  const made = async (path: string) => batchDecoder(spec, await readFile(path), path, wish);
  return {
    graph: await made(decoder.path),
    ...(prefill !== undefined && { prefill: await made(prefill.path) }),
    cache,
    ...(pool && { pool }),
  };
}

function checkLimit(where: string, found: number, least: number): void {
  if (Number.isSafeInteger(found) && found >= least) return;
  throw new PrumergeError("INVALID_OPTION", "out of range", {
    where,
    expected: `a whole number, ${least} or more`,
    found: String(found),
  });
}
