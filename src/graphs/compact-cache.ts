import type { LanguageModelSpec } from "../models/spec.js";
import type { GraphBuilder, Value } from "../onnx/builder.js";
import {
  abs,
  add,
  cast,
  concat,
  dequantizeLinear,
  div,
  matMul,
  max,
  mul,
  reduce,
  round,
  scalar,
  sizeOf,
  split,
  splitEvenly,
  squeeze,
  unsqueeze,
} from "../onnx/ops/index.js";
import { decoder } from "./contract.js";
import { capacity, type LayerCache, rows, sequences } from "./layer-cache.js";

/** The largest of a row's whole numbers. */
const most = 127;

/** Where a row is all zeros any scale does; this one keeps the division finite. */
const leastScale = 1e-30;

/**
 * Numbers of a row that are made float32 together at least: small parts stay in the processor's cache until they are multiplied,
 * smaller ones cost more in calls than that saves.
 */
const leastWidth = 512;

/**
 * Keys and values in 8 bits, each row of each head with a scale of its own: whole numbers times scale. Attention is linear in
 * both, so that keys' scales multiply the scores and values' the shares, and the whole numbers are multiplied as they are.
 *
 * A run attends to its own rows as they are going to be in the cache: what comes out does not depend on how a prompt was cut
 * into runs, or on whether its beginning was there already.
 */
export function compactCache(graph: GraphBuilder, spec: LanguageModelSpec, layer: number): LayerCache {
  const { keyValueHeads: heads, headDim } = spec;
  const key = graph.input(decoder.pastKey(layer), "int8", [sequences, heads, headDim, capacity]);
  const value = graph.input(decoder.pastValue(layer), "int8", [sequences, heads, capacity, headDim]);
  const scales = [sequences, heads, capacity];
  const keyScale = graph.input(decoder.pastKeyScale(layer), "float32", scales);
  const valueScale = graph.input(decoder.pastValueScale(layer), "float32", scales);
  const groups = groupsOf(heads, headDim);
  return {
    slots: sizeOf(key, 3),
    with(own, sizes) {
      const keys = quantized(own.key, 2);
      const values = quantized(own.value, 3);
      const keyScales = unsqueeze(concat([keyScale, keys.scale], 2), 2);
      const valueScales = unsqueeze(concat([valueScale, values.scale], 2), 2);
      return {
        scores(queries) {
          const past = productByHeads(queries, key, groups);
          return mul(concat([past, matMul(queries, keys.whole)], 3), keyScales);
        },
        mix(shares) {
          const [past, self] = split(mul(shares, valueScales), sizes, [capacity, rows], 3);
          return add(productByHeads(past!, value, groups), matMul(self!, values.whole));
        },
        outputs: [
          [decoder.newKey(layer), cast(keys.whole, "int8")],
          [decoder.newValue(layer), cast(values.whole, "int8")],
          [decoder.newKeyScale(layer), keys.scale],
          [decoder.newValueScale(layer), values.scale],
        ],
      };
    },
  };
}

interface Quantized {
  /** Whole numbers from -127 to 127, as float32, in the shape of what they stand for. */
  readonly whole: Value;
  /** [sequences, H, rows] */
  readonly scale: Value;
}

/** @param axis of a row's numbers, of [sequences, H, ...] */
function quantized(x: Value, axis: number): Quantized {
  const { graph } = x;
  const largest = reduce("ReduceMax", abs(x), axis, true);
  const scale = max(mul(largest, scalar(graph, "float32", 1 / most)), scalar(graph, "float32", leastScale));
  return { whole: round(div(x, scale)), scale: squeeze(scale, axis) };
}

/** `a` [sequences, H, m, k] times whole numbers [sequences, H, k, n], some heads after others. */
function productByHeads(a: Value, whole: Value, groups: number): Value {
  const factors = splitEvenly(a, groups, 1);
  const parts = splitEvenly(whole, groups, 1).map((part, at) => matMul(factors[at]!, dequantizeLinear(part)));
  return groups === 1 ? parts[0]! : concat(parts, 1);
}

/** As many groups of heads, all of one size, as are wide enough. */
function groupsOf(heads: number, headDim: number): number {
  for (let size = 1; size < heads; size++)
    if (heads % size === 0 && size * headDim >= leastWidth) return heads / size;
  return 1;
}
