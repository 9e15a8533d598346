import type { LanguageModelSpec } from "../models/spec.js";

/**
 * Exact bytes that one token takes in the key/value cache: keys and values of every layer, float32
 * as in our own graphs.
 */
export function keyValueBytesPerToken({ layers, keyValueHeads, headDim }: LanguageModelSpec): number {
  return 2 * layers * keyValueHeads * headDim * Float32Array.BYTES_PER_ELEMENT;
}
