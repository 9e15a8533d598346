import type { LanguageModelSpec } from "../models/spec.js";
import type { GraphBuilder, Value } from "../onnx/builder.js";
import type { KeyValue } from "./cached-attention.js";

/** Names of the sizes known only at run time: sequences, new rows of each, and slots of each one's cache. */
export const sequences = "sequences";
export const rows = "rows";
export const capacity = "capacity";

/** One layer's keys and values: those of the cache, which the graph only reads, and those of the run's own rows. */
export interface LayerKeyValue {
  /** Of queries [sequences, H, any rows, d]: their products with all keys, [sequences, H, rows, capacity + rows]. */
  scores(queries: Value): Value;
  /** Of such shares: the sum of all values by them, [sequences, H, rows, d]. */
  mix(shares: Value): Value;
  /** What the run hands back for the cache, by name. */
  readonly outputs: readonly (readonly [name: string, value: Value])[];
}

/** A layer's cache before the run's own rows are known. */
export interface LayerCache {
  /** int64 [1] */
  readonly slots: Value;
  /** @param sizes int64 [2]: capacity and new rows of each sequence */
  with(own: KeyValue, sizes: Value): LayerKeyValue;
}

/** Declares one layer's inputs. */
export type CacheInputs = (graph: GraphBuilder, spec: LanguageModelSpec, layer: number) => LayerCache;
