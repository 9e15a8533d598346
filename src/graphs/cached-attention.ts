import type { LanguageModelSpec } from "../models/spec.js";
import type { GraphBuilder, Value } from "../onnx/builder.js";
import {
  add,
  concat,
  expand,
  less,
  lessOrEqual,
  matMul,
  range,
  reshape,
  rotaryEmbedding,
  scalar,
  softmax,
  split,
  transpose,
  unsqueeze,
  where,
} from "../onnx/ops/index.js";
import type { RopeAngles } from "./rope.js";

/** Names of the sizes known only at run time. */
export const rows = "rows";
export const capacity = "capacity";

/** Keys [H, d, n] and values [H, n, d] of H key/value heads, float32. */
export interface KeyValue {
  readonly key: Value;
  readonly value: Value;
}

/** What a run's queries may attend to. */
export interface Attended {
  /** int64 scalars: slots of the cache, the filled ones among them, which come first, and new rows. */
  readonly slots: Value;
  readonly past: Value;
  readonly count: Value;
  /** What each key adds to every score: float32 [capacity] of the slots and [rows] of the new rows. */
  readonly bias: { readonly past: Value; readonly own: Value };
}

/** Exponents below this are exactly zero in float32, and it stays finite when scores are added. */
export const masked = -1e30;

/**
 * What is added to the scores: float32 [rows, capacity + rows], the key's own bias for filled slots of the cache and for
 * rows up to a query's own, else {@link masked}. A bias costs nothing, since the mask is added anyway.
 */
export function attentionBias(graph: GraphBuilder, { slots, past, count, bias }: Attended): Value {
  const none = scalar(graph, "float32", masked);
  const int = (value: number) => scalar(graph, "int64", value);
  const own = unsqueeze(range(int(0), count, rows), 1);
  const slot = range(int(0), slots, capacity);
  const self = transpose(own, [1, 0]);
  const pastBias = where(less(slot, past), bias.past, none);
  const selfBias = where(lessOrEqual(self, own), unsqueeze(bias.own, 0), none);
  const sizes = concat([unsqueeze(count, 0), unsqueeze(slots, 0)], 0);
  return concat([expand(unsqueeze(pastBias, 0), [rows, capacity], sizes), selfBias], 1);
}

/** Rotates keys [1, rows, H d] and turns them, with the values [1, rows, H d], into the cache's layout. */
export function newKeyValue(spec: LanguageModelSpec, key: Value, value: Value, angles: RopeAngles): KeyValue {
  const heads = (x: Value) => reshape(x, [rows, spec.keyValueHeads, spec.headDim]);
  return {
    key: transpose(heads(rotaryEmbedding(key, angles.cos, angles.sin)), [1, 2, 0]),
    value: transpose(heads(value), [1, 0, 2]),
  };
}

/** What queries of one layer need besides the keys and values. */
export interface Attending {
  /** Of the queries' positions, times attention's scale. */
  readonly angles: RopeAngles;
  /** {@link attentionBias}, of the queries' rows. */
  readonly bias: Value;
  /** int64 [2]: capacity and number of new rows. */
  readonly sizes: Value;
}

/**
 * Attention over a cache that is only read: the scores against cached and new rows are normalised together, so that the
 * cache is neither copied nor returned. Queries and result [1, n, heads * d], any n. Query heads that share a key/value
 * head are stacked as its rows.
 */
export function cachedAttention(
  spec: LanguageModelSpec,
  query: Value,
  { angles, bias, sizes }: Attending,
  past: KeyValue,
  own: KeyValue,
): Value {
  const { heads, keyValueHeads, headDim } = spec;
  const count = query.shape[1]!;
  const rotated = rotaryEmbedding(query, angles.cos, angles.sin);
  const perHead = transpose(reshape(rotated, [count, heads, headDim]), [1, 0, 2]);
  const shared = heads === keyValueHeads;
  const stack = (x: Value) => (shared ? x : reshape(x, [keyValueHeads, "stacked rows", x.shape[2]!]));
  const unstack = (x: Value) => (shared ? x : reshape(x, [heads, count, x.shape[2]!]));

  const queries = stack(perHead);
  const scores = unstack(concat([matMul(queries, past.key), matMul(queries, unfused(own.key))], 2));
  const shares = stack(softmax(add(scores, bias)));
  const [pastShares, ownShares] = split(shares, sizes, [capacity, rows], 2);
  const attended = add(matMul(pastShares!, past.value), matMul(ownShares!, unfused(own.value)));
  return reshape(transpose(unstack(attended), [1, 0, 2]), [1, count, heads * headDim]);
}

/**
 * The same tensor through a reshape that changes nothing: ONNX Runtime would fuse the transpose before it into the matrix
 * product, and then transpose once more for the output, last of all, keeping both layouts of all layers until then.
 */
function unfused(x: Value): Value {
  return reshape(x, x.shape);
}
