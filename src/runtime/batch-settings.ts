/** How many sequences share a run, and the memory of their keys and values. */
export interface PoolLimits {
  /** Sequences, 2 or more. */
  readonly most: number;
  /** Bytes of keys and values of those that share runs. */
  readonly bytes: number;
}

/** A decoder for several sequences at once, in place of the folder's. */
export interface BatchSettings extends PoolLimits {
  /** Bytes of its graph; the weights are those beside the folder's decoder. */
  readonly graph: Uint8Array;
}
