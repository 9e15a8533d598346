import type { Value } from "../../onnx/builder.js";
import {
  add,
  matMul,
  mul,
  reduce,
  scalar,
  slice,
  softmax,
  squeeze,
  transpose,
} from "../../onnx/ops/index.js";
import { shapeError, showShape } from "../../onnx/shape.js";

/** Queries that one block of the mean over all queries takes at once: [256, N] scores instead of [N, N]. */
const queriesPerBlock = 256;

/**
 * Class attention a [B, N] (PruMerge, arXiv 2403.15388, section 3.2; scale and width as in the released
 * clip_encoder.py): softmax(q K^T * C^-0.5) of one head of full width over all T columns, the class token's column then
 * dropped. Without a class token, the mean of that softmax over all queries, in blocks.
 *
 * @param queries [B, 1, C] of the class token, or [B, N, C] without one
 * @param keys [B, T, C], class token first where there is one
 */
export function classAttention(queries: Value, keys: Value, classToken: boolean): Value {
  const [, tokens, width] = keys.shape;
  const rows = queries.shape[1];
  const wanted = classToken ? 1 : tokens;
  if (typeof tokens !== "number" || typeof width !== "number" || rows !== wanted) {
    throw shapeError(
      "class attention",
      classToken ? "keys [B, T, C] and queries [B, 1, C]" : "keys and queries [B, N, C]",
      `${showShape(keys.shape)} and ${showShape(queries.shape)}`,
    );
  }
  const turned = transpose(keys, [0, 2, 1]);
  const scale = scalar(keys.graph, "float32", width ** -0.5);
  const attention = (asking: Value) => softmax(mul(matMul(asking, turned), scale));
  if (classToken) return slice(squeeze(attention(queries), 1), 1, 1, tokens, tokens - 1);

  let sum: Value | undefined;
  for (let start = 0; start < tokens; start += queriesPerBlock) {
    const end = Math.min(start + queriesPerBlock, tokens);
    const part = reduce("ReduceSum", attention(slice(queries, 1, start, end, end - start)), 1);
    sum = sum === undefined ? part : add(sum, part);
  }
  return mul(sum!, scalar(keys.graph, "float32", 1 / tokens));
}
