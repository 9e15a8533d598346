import type { LanguageModelSpec } from "../models/spec.js";
import type { GraphBuilder, Value } from "../onnx/builder.js";
import {
  add,
  concat,
  less,
  lessOrEqual,
  mul,
  range,
  reshape,
  rotaryEmbedding,
  scalar,
  softmax,
  squeeze,
  transpose,
  unsqueeze,
  where,
} from "../onnx/ops/index.js";
import { filledLike } from "../onnx/ops/shaping.js";
import { type KeyValue, masked } from "./cached-attention.js";
import { capacity, type LayerKeyValue, rows, sequences } from "./layer-cache.js";
import type { RopeAngles } from "./rope.js";

/** Angles of all sequences' rows one after another, and which of them each row takes, int64 [sequences, n]. */
export interface BatchedAngles extends RopeAngles {
  readonly of: Value;
}

/** What queries of one layer need besides the keys and values. */
export interface BatchedAttending {
  readonly angles: BatchedAngles;
  /** float32 [sequences, 1, n, capacity + rows], added to every head's scores. */
  readonly bias: Value;
}

/** Rows of the table of angles, [sequences, rows]: each sequence's follow those of the one before it. */
export function tableRows(graph: GraphBuilder, count: Value, each: Value): Value {
  const zero = scalar(graph, "int64", 0);
  const first = mul(unsqueeze(range(zero, squeeze(count, 0), sequences), 1), each);
  return add(first, unsqueeze(range(zero, squeeze(each, 0), rows), 0));
}

/**
 * What is added to the scores: the key's own bias for filled slots of the sequence's own cache and for rows up to a query's own,
 * else {@link masked}. Sequences do not see each other: each has an entry of the batch to itself.
 *
 * @param slots int64 [1], the caches' capacity; `each` likewise the new rows of a sequence
 * @param past int64 [sequences], filled slots, which come first
 * @param bias what each key adds: of the slots [sequences, capacity], of the new rows [sequences, rows]
 */
export function batchedBias(
  graph: GraphBuilder,
  slots: Value,
  each: Value,
  past: Value,
  bias: { readonly past: Value; readonly own: Value },
): Value {
  const none = scalar(graph, "float32", masked);
  const zero = scalar(graph, "int64", 0);
  const own = unsqueeze(range(zero, squeeze(each, 0), rows), 1);
  const slot = unsqueeze(range(zero, squeeze(slots, 0), capacity), 0);
  const pastBias = where(less(slot, unsqueeze(past, 1)), bias.past, none);
  const selfBias = where(lessOrEqual(transpose(own, [1, 0]), own), unsqueeze(bias.own, 1), none);
  // [sequences, rows, 1] of zeros gives each query a copy of its sequence's biases.
  const perQuery = filledLike(unsqueeze(bias.own, 2), scalar(graph, "float32", 0));
  return unsqueeze(concat([add(unsqueeze(pastBias, 1), perQuery), selfBias], 2), 1);
}

function rotated(x: Value, { cos, sin, of }: BatchedAngles): Value {
  return rotaryEmbedding(x, cos, sin, of);
}

/** Rotates keys [sequences, rows, H d] and turns them, with the values, into the caches' layout. */
export function batchedKeyValue(
  spec: LanguageModelSpec,
  key: Value,
  value: Value,
  angles: BatchedAngles,
): KeyValue {
  const heads = (x: Value) => reshape(x, [sequences, rows, spec.keyValueHeads, spec.headDim]);
  return {
    key: transpose(heads(rotated(key, angles)), [0, 2, 3, 1]),
    value: transpose(heads(value), [0, 2, 1, 3]),
  };
}

/**
 * `cachedAttention` of several sequences at once, each over a cache of its own: queries and result [sequences, n, heads * d],
 * any n.
 */
export function batchedAttention(
  spec: LanguageModelSpec,
  query: Value,
  { angles, bias }: BatchedAttending,
  held: LayerKeyValue,
): Value {
  const { heads, keyValueHeads, headDim } = spec;
  const count = query.shape[1]!;
  const perHead = transpose(
    reshape(rotated(query, angles), [sequences, count, heads, headDim]),
    [0, 2, 1, 3],
  );
  const shared = heads === keyValueHeads;
  const stack = (x: Value) =>
    shared ? x : reshape(x, [sequences, keyValueHeads, "stacked rows", x.shape[3]!]);
  const unstack = (x: Value) => (shared ? x : reshape(x, [sequences, heads, count, x.shape[3]!]));

  const shares = softmax(add(unstack(held.scores(stack(perHead))), bias));
  const attended = held.mix(stack(shares));
  return reshape(transpose(unstack(attended), [0, 2, 1, 3]), [sequences, count, heads * headDim]);
}
