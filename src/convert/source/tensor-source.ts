/** Element types that checkpoints store. */
export type StoredType = "float32" | "float16" | "bfloat16";

/** Where one checkpoint tensor's bytes lie: plain data, so that a worker thread can read them by itself. */
export interface StoredTensor {
  readonly path: string;
  /** Byte offset of the first element, row-major and contiguous. */
  readonly offset: number;
  readonly type: StoredType;
  /** Shape of the stored bytes, without `extraRows`; see {@link tensorShape}. */
  readonly shape: readonly number[];
  /** Low-rank updates to add while reading: W + scale * B A, or `turned` W + scale * (B A)^T. */
  readonly lora?: {
    readonly a: StoredTensor;
    readonly b: StoredTensor;
    readonly scale: number;
    readonly turned?: boolean;
  };
  /** Rows to append after the last one, as float32 (a token the checkpoint lacks). */
  readonly extraRows?: readonly Float32Array[];
}

/** A tensor as a file holds it; `type` is the file's own word where it is none that we read as weights. */
export type FoundTensor = Omit<StoredTensor, "type" | "lora" | "extraRows"> & { readonly type: string };

/** A checkpoint's tensors under canonical names (`graphs/names.ts`). */
export type TensorTable = ReadonlyMap<string, StoredTensor>;

/** Shape of the tensor as a model sees it, appended rows included. */
export function tensorShape({ shape, extraRows = [] }: StoredTensor): readonly number[] {
  return extraRows.length === 0 ? shape : [shape[0]! + extraRows.length, ...shape.slice(1)];
}

/** Rows and elements per row: the first dimension and the rest; a scalar is one row of one. */
export function tensorRows(tensor: StoredTensor): { readonly rows: number; readonly columns: number } {
  const [rows = 1, ...rest] = tensorShape(tensor);
  return { rows, columns: rest.reduce((product, size) => product * size, 1) };
}
