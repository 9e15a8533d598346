import type { Value } from "../../onnx/builder.js";
import {
  add,
  div,
  filledLike,
  matMul,
  mul,
  reduce,
  reshape,
  scalar,
  scatterElements,
  slice,
  softmax,
  squeeze,
  sub,
  transpose,
  unsqueeze,
} from "../../onnx/ops/index.js";

/** Queries of each head that are taken at once. */
const queriesPerBlock = 256;

/** Makes a score so small that its share is 0. */
const hidden = 1e9;

/**
 * The attention that each patch receives, [B, N]: the mean over heads and queries of softmax(q_h K_h^T d^-0.5), in blocks of
 * queries.
 *
 * @param queries [B, N, C]
 * @param keys [B, N, C]
 * @param heads 1: one of full width
 * @param valid int64 [valid], the patches that ask and are asked; the others receive 0. Left out: all
 */
export function receivedAttention(queries: Value, keys: Value, heads: number, valid?: Value): Value {
  const { graph } = keys;
  const [batch, count, width] = keys.shape as readonly [Value["shape"][number], number, number];
  const size = width / heads;
  const ofHeads = (rows: Value) => reshape(rows, [batch, count, heads, size]);
  const asking = transpose(ofHeads(queries), [0, 2, 1, 3]);
  const turned = transpose(ofHeads(keys), [0, 2, 3, 1]);
  const scale = scalar(graph, "float32", size ** -0.5);
  const mask = valid === undefined ? undefined : maskOf(valid, count); // [N]
  const beyond = mask && mul(sub(mask, scalar(graph, "float32", 1)), scalar(graph, "float32", hidden));
  let sum: Value | undefined;
  for (let start = 0; start < count; start += queriesPerBlock) {
    const end = Math.min(start + queriesPerBlock, count);
    const scores = mul(matMul(slice(asking, 2, start, end, end - start), turned), scale);
    const shares = softmax(beyond === undefined ? scores : add(scores, beyond));
    const part =
      mask === undefined
        ? reduce("ReduceSum", shares, 2)
        : squeeze(matMul(unsqueeze(slice(mask, 0, start, end, end - start), 0), shares), 2);
    sum = sum === undefined ? part : add(sum, part);
  }
  const received = reduce("ReduceMean", sum!, 1);
  return mask === undefined
    ? mul(received, scalar(graph, "float32", 1 / count))
    : div(received, reduce("ReduceSum", mask, 0));
}

/** float32 [N], 1 for a valid patch and 0 for another. */
function maskOf(valid: Value, count: number): Value {
  const none = valid.graph.constant("float32", [count], Array<number>(count).fill(0));
  return scatterElements(none, valid, filledLike(valid, scalar(valid.graph, "float32", 1)), 0);
}
