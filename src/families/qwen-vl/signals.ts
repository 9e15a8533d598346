import { nativeInputs } from "../../graphs/contract.js";
import type { NativeTowerSpec } from "../../models/spec.js";
import type { GraphBuilder, Value } from "../../onnx/builder.js";
import {
  add,
  cast,
  div,
  expand,
  greater,
  less,
  loop,
  matMul,
  mul,
  reduce,
  reshape,
  scalar,
  sizeOf,
  slice,
  softmax,
  squeeze,
  transpose,
} from "../../onnx/ops/index.js";
import type { TowerLayer } from "./tower.js";

/** What methods read of the tower, for each merged token: the means over its patches. */
export interface TokenSignals {
  /** [N, C] */
  readonly keys: Value;
  /** [N, C] */
  readonly queries: Value;
  /** [N], the attention that is received, of one head of full width. */
  readonly fullWidth: Value;
  /** [N], the mean over the tower's heads. */
  readonly ofHeads: Value;
}

/**
 * Keys, queries and received attention of a layer, in the order in which the tower has its tokens. Keys and queries are rotated, as
 * the attention that is made of them, and as public reducers of these models take them.
 */
export function tokenSignals(
  graph: GraphBuilder,
  { query, key }: TowerLayer,
  { heads, hiddenSize, mergeSize }: NativeTowerSpec,
): TokenSignals {
  const ofTokens = (x: Value) => {
    const [, ...width] = x.shape;
    return reduce("ReduceMean", reshape(x, ["tokens", mergeSize ** 2, ...width]), 1);
  };
  const [queries, keys] = [squeeze(query, 0), squeeze(key, 0)];
  const step = graph.input(nativeInputs.queryStep, "int64", [1]);
  const received = (count: number) =>
    ofTokens(receivedAttention(queries, keys, { heads: count, width: hiddenSize }, step));
  return {
    keys: ofTokens(keys),
    queries: ofTokens(queries),
    fullWidth: received(1),
    ofHeads: received(heads),
  };
}

/**
 * The attention that each patch receives, [S]: the mean over heads and queries of softmax(q_h K_h^T d^-0.5), `step` queries at a
 * time, so that [S, S] scores never lie there at once; with a step of 0 none are computed, and it is 0.
 */
function receivedAttention(
  queries: Value,
  keys: Value,
  { heads, width }: { readonly heads: number; readonly width: number },
  step: Value,
): Value {
  const { graph } = keys;
  const [patches] = keys.shape;
  const size = width / heads;
  const ofHeads = (x: Value) => reshape(x, [patches!, heads, size]);
  const scaled = mul(queries, scalar(graph, "float32", size ** -0.5));
  const asking = transpose(ofHeads(scaled), [1, 0, 2]);
  const turned = transpose(ofHeads(keys), [1, 2, 0]);
  const count = sizeOf(keys, 0);
  const nothing = expand(scalar(graph, "float32", 0), [patches!], count);
  const start = graph.constant("int64", [1], [0]);
  const begin = squeeze(greater(step, start), 0);
  const { state } = loop(squeeze(count, 0), begin, [nothing, start], "blocks", (body, [sum, from]) => {
    const to = add(from!, body.seen(step));
    const asked = slice(body.seen(asking), 1, from!, to, "asked");
    const shares = softmax(matMul(asked, body.seen(turned)));
    const part = reduce("ReduceMean", reduce("ReduceSum", shares, 1), 0);
    return { goOn: squeeze(less(to, body.seen(count)), 0), state: [add(sum!, part), to], kept: [] };
  });
  return div(state[0]!, cast(count, "float32"));
}
