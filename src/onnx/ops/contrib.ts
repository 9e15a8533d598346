import type { Value } from "../builder.js";
import { type Dim, sameShape, shapeError, showShape } from "../shape.js";

export interface BlockQuantized {
  /** uint8 [out, in / block, block * bits / 8] */
  readonly blocks: Value;
  /** float32 [out, in / block] or flat [out * in / block] */
  readonly scales: Value;
  readonly outSize: number;
  readonly inSize: number;
  readonly bits: 4 | 8;
  readonly blockSize: number;
  /** 0 and 1: float32 arithmetic; 4: activations in int8, the fast path of CPUs. */
  readonly accuracyLevel: 0 | 1 | 4;
}

/** x W^T with W quantised in blocks along its input (ONNX Runtime's MatMulNBits). */
export function matMulNBits(x: Value, weight: BlockQuantized): Value {
  const { outSize, inSize, bits, blockSize, accuracyLevel } = weight;
  if (x.shape.at(-1) !== inSize) throw shapeError("MatMulNBits", `last size ${inSize}`, showShape(x.shape));
  return x.graph.node(
    "MatMulNBits",
    [x, weight.blocks, weight.scales],
    [{ type: x.type, shape: [...x.shape.slice(0, -1), outSize] }],
    {
      domain: "com.microsoft",
      attributes: { K: inSize, N: outSize, bits, block_size: blockSize, accuracy_level: accuracyLevel },
    },
  )[0]!;
}

export interface IntegerFactor {
  /** int8 [in, out] */
  readonly whole: Value;
  /** float32 [out]: what stands for 1 in each column */
  readonly scales: Value;
}

/**
 * a B of whole numbers, summed as such and made float32 by the columns' scales (ONNX Runtime's MatMulIntegerToFloat).
 *
 * @param a uint8 [..., in]
 * @param zero what stands for 0 in `a`
 */
export function matMulIntegerToFloat(a: Value, zero: Value, { whole, scales }: IntegerFactor): Value {
  const [inSize, outSize] = whole.shape;
  if (a.type !== "uint8" || a.shape.at(-1) !== inSize)
    throw shapeError("MatMulIntegerToFloat", `uint8 with last size ${inSize}`, showShape(a.shape));
  const one = a.graph.constant("float32", [], [1]);
  return a.graph.node(
    "MatMulIntegerToFloat",
    [a, whole, one, scales, zero],
    [{ type: "float32", shape: [...a.shape.slice(0, -1), outSize!] }],
    { domain: "com.microsoft" },
  )[0]!;
}

export interface GroupQueryAttention {
  readonly query: Value; // [batch, rows, heads * headDim]
  readonly key: Value; // [batch, rows, keyValueHeads * headDim]
  readonly value: Value;
  readonly pastKey: Value; // [batch, keyValueHeads, past, headDim]
  readonly pastValue: Value;
  readonly lastPosition: Value; // int32 [batch], total length - 1
  readonly totalLength: Value; // int32 scalar
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly total: Dim;
}

/** Causal attention over a returned cache, the form other exporters use: [output, present key, present value]. */
export function groupQueryAttention(a: GroupQueryAttention): [Value, Value, Value] {
  const present = [a.pastKey.shape[0]!, a.pastKey.shape[1]!, a.total, a.pastKey.shape[3]!];
  const type = a.query.type;
  const [output, presentKey, presentValue] = a.query.graph.node(
    "GroupQueryAttention",
    [a.query, a.key, a.value, a.pastKey, a.pastValue, a.lastPosition, a.totalLength],
    [
      { type, shape: a.query.shape },
      { type, shape: present },
      { type, shape: present },
    ],
    { domain: "com.microsoft", attributes: { num_heads: a.heads, kv_num_heads: a.keyValueHeads } },
  );
  return [output!, presentKey!, presentValue!];
}

/**
 * Attention of every row of the queries to every row of the keys, fused; query, key and value are [batch, rows, heads *
 * headDim], heads side by side, and so is the result.
 *
 * @param mask int32 [batch, rows of the keys], 0 for rows that nobody attends to
 */
export function multiHeadAttention(
  query: Value,
  key: Value,
  value: Value,
  heads: number,
  mask?: Value,
): Value {
  const [, , width] = query.shape;
  if (query.shape.length !== 3 || typeof width !== "number" || width % heads !== 0) {
    throw shapeError("MultiHeadAttention", `[batch, rows, a multiple of ${heads}]`, showShape(query.shape));
  }
  const [batch] = query.shape;
  if (!sameShape(key.shape, value.shape) || !sameShape(key.shape, [batch!, key.shape[1]!, width])) {
    throw shapeError(
      "MultiHeadAttention",
      `keys and values of the queries' batch and width, ${showShape(query.shape)}`,
      `${showShape(key.shape)} and ${showShape(value.shape)}`,
    );
  }
  if (mask !== undefined && !sameShape(mask.shape, query.shape.slice(0, 2)))
    throw shapeError("MultiHeadAttention", "a mask [batch, rows]", showShape(mask.shape));
  const output = [{ type: query.type, shape: query.shape }];
  const inputs = [query, key, value, ...(mask === undefined ? [] : [undefined, mask])];
  const attributes = { num_heads: heads };
  return query.graph.node("MultiHeadAttention", inputs, output, {
    domain: "com.microsoft",
    attributes,
  })[0]!;
}
