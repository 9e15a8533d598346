import type { CacheForm } from "../models/cache-forms.js";

/** How many sequences share a run, and the memory of their keys and values. */
export interface PoolLimits {
  /** Sequences, 2 or more. */
  readonly most: number;
  /** Bytes of keys and values of those that share runs. */
  readonly bytes: number;
}

/** A decoder that is made when a folder is opened, in place of the folder's. */
export interface DecoderSettings {
  /** Bytes of its graph; the weights are those beside the folder's decoder. */
  readonly graph: Uint8Array;
  /** Of the graph for prompts, where the folder has one. */
  readonly prefill?: Uint8Array;
  readonly cache: CacheForm;
  /** Where next tokens of answers that are under way at the same time are one run; left out: they take turns. */
  readonly pool?: PoolLimits;
}
