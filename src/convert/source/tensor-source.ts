/** Element types that checkpoints store. */
export type StoredType = "float32" | "float16" | "bfloat16";

/** Where one checkpoint tensor's bytes lie: plain data, so that a worker thread can read them by itself. */
export interface StoredTensor {
  readonly path: string;
  /** Byte offset of the first element, row-major and contiguous. */
  readonly offset: number;
  readonly type: StoredType;
  readonly shape: readonly number[];
  /** Low-rank updates to add while reading: W + scale * B A. */
  readonly lora?: { readonly a: StoredTensor; readonly b: StoredTensor; readonly scale: number };
  /** Rows to append after the last one, as float32 (a token the checkpoint lacks). */
  readonly extraRows?: readonly Float32Array[];
}

/** A checkpoint's tensors under canonical names (`graphs/names.ts`). */
export type TensorTable = ReadonlyMap<string, StoredTensor>;
