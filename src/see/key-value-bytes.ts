import { type CacheForm, defaultCacheForm } from "../models/cache-forms.js";
import type { LanguageModelSpec } from "../models/spec.js";

/**
 * Exact bytes that one token takes in the key/value cache: keys and values of every layer, float32
 * as in our own graphs, or 8 bits and a float32 scale for each head.
 *
 * @param form default: `fp32`
 */
export function keyValueBytesPerToken(
  { layers, keyValueHeads, headDim }: LanguageModelSpec,
  form: CacheForm = defaultCacheForm,
): number {
  return 2 * layers * keyValueHeads * bytesOfHead[form](headDim);
}

const bytesOfHead: Readonly<Record<CacheForm, (headDim: number) => number>> = {
  fp32: (headDim) => headDim * Float32Array.BYTES_PER_ELEMENT,
  q8: (headDim) => headDim + Float32Array.BYTES_PER_ELEMENT,
};
