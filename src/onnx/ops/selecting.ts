import type { Value } from "../builder.js";
import { type Dim, normalizeAxis, sameShape, shapeError, showShape } from "../shape.js";
import { ints, unsqueeze } from "./shaping.js";

/** Rows (or, along another axis, slabs) of `x` by index. */
export function gather(x: Value, indices: Value, axis = 0): Value {
  const at = normalizeAxis("Gather", axis, x.shape.length);
  const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)];
  return x.graph.node("Gather", [x, indices], [{ type: x.type, shape }], { attributes: { axis: at } })[0]!;
}

/** `x` with `updates` written at `indices` along an axis; indices must be distinct. */
export function scatterElements(x: Value, indices: Value, updates: Value, axis: number): Value {
  if (!sameShape(indices.shape, updates.shape)) {
    throw shapeError(
      "ScatterElements",
      "as many updates as indices",
      `${showShape(indices.shape)} and ${showShape(updates.shape)}`,
    );
  }
  const at = normalizeAxis("ScatterElements", axis, x.shape.length);
  return x.graph.node("ScatterElements", [x, indices, updates], [{ type: x.type, shape: x.shape }], {
    attributes: { axis: at },
  })[0]!;
}

/** Index of the largest (or smallest) element along an axis, int64 without that axis; of equal ones the lowest. */
export function argMax(x: Value, axis: number, { largest = true }: Pick<TopKOptions, "largest"> = {}): Value {
  const at = normalizeAxis("ArgMax", axis, x.shape.length);
  const shape = x.shape.filter((_, i) => i !== at);
  const attributes = { axis: at, keepdims: 0, select_last_index: 0 };
  return x.graph.node(largest ? "ArgMax" : "ArgMin", [x], [{ type: "int64", shape }], { attributes })[0]!;
}

export interface TopKOptions {
  readonly axis?: number;
  /** Largest first (default) or smallest first. */
  readonly largest?: boolean;
}

/** Values and int64 indices of the k extreme elements, sorted; equal ones by lowest index. `k` is an int64 tensor [1]. */
export function topK(
  x: Value,
  k: number | Value,
  dim: Dim,
  { axis = -1, largest = true }: TopKOptions = {},
): [Value, Value] {
  const at = normalizeAxis("TopK", axis, x.shape.length);
  const shape = x.shape.map((old, i) => (i === at ? dim : old));
  const count = typeof k === "number" ? ints(x.graph, [k]) : k;
  const [values, indices] = x.graph.node(
    "TopK",
    [x, count],
    [
      { type: x.type, shape },
      { type: "int64", shape },
    ],
    { attributes: { axis: at, largest: largest ? 1 : 0, sorted: 1 } },
  );
  return [values!, indices!];
}

/**
 * Rows by index, picture by picture: x [batch, rows, ...] and int64 indices [batch, k] give [batch, k, ...].
 */
export function gatherRows(x: Value, indices: Value): Value {
  const fits = indices.shape.length === 2 && x.shape.length >= 2 && x.shape[0] === indices.shape[0];
  if (!fits || indices.type !== "int64") {
    throw shapeError(
      "GatherND",
      "[batch, rows, ...] and int64 indices [batch, k] of one batch",
      `${showShape(x.shape)} and ${indices.type}${showShape(indices.shape)}`,
    );
  }
  const shape = [...indices.shape, ...x.shape.slice(2)];
  const attributes = { batch_dims: 1 };
  return x.graph.node("GatherND", [x, unsqueeze(indices, 2)], [{ type: x.type, shape }], { attributes })[0]!;
}

/** Running sum along an axis, each element included. */
export function cumulativeSum(x: Value, axis: number): Value {
  const at = normalizeAxis("CumSum", axis, x.shape.length);
  return x.graph.node("CumSum", [x, ints(x.graph, [at])], [{ type: x.type, shape: x.shape }])[0]!;
}
