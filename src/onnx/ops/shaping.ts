import type { GraphBuilder, Value } from "../builder.js";
import { broadcast, type Dim, normalizeAxis, type Shape, shapeError, showShape, sumDims } from "../shape.js";

/** A rank-0 constant. */
export function scalar(graph: GraphBuilder, type: "float32" | "int64" | "bool", value: number): Value {
  return graph.constant(type, [], [value]);
}

/** A rank-1 int64 constant, the form in which ONNX takes axes, starts and shapes. */
export function ints(graph: GraphBuilder, values: readonly number[]): Value {
  return graph.constant("int64", [values.length], values);
}

/**
 * Same elements, new shape. A named size must stand at the same axis in `x` (it is copied) or be the only one that does
 * not (it is inferred).
 */
export function reshape(x: Value, shape: Shape): Value {
  let inferred = 0;
  const target = shape.map((dim, axis) => {
    if (typeof dim === "number") return dim;
    if (x.shape[axis] === dim) return 0;
    inferred++;
    return -1;
  });
  if (inferred > 1)
    throw shapeError("Reshape", "at most one inferred size", `${showShape(x.shape)} to ${showShape(shape)}`);
  const known = (dims: Shape) =>
    dims.filter((dim) => typeof dim === "number").reduce((product, dim) => product * dim, 1);
  const named = (dims: Shape) =>
    dims
      .filter((dim) => typeof dim === "string")
      .sort()
      .join();
  if (named(x.shape) === named(shape) && known(x.shape) !== known(shape)) {
    throw shapeError("Reshape", `as many elements as ${showShape(x.shape)}`, showShape(shape));
  }
  return x.graph.node("Reshape", [x, ints(x.graph, target)], [{ type: x.type, shape }])[0]!;
}

export function transpose(x: Value, permutation: readonly number[]): Value {
  if (
    [...permutation].sort((a, b) => a - b).some((axis, i) => axis !== i) ||
    permutation.length !== x.shape.length
  ) {
    throw shapeError("Transpose", `a permutation of ${x.shape.length} axes`, `[${permutation.join(", ")}]`);
  }
  const shape = permutation.map((axis) => x.shape[axis]!);
  return x.graph.node("Transpose", [x], [{ type: x.type, shape }], { attributes: { perm: permutation } })[0]!;
}

export function concat(parts: readonly Value[], axis: number): Value {
  const first = parts[0]!;
  const at = normalizeAxis("Concat", axis, first.shape.length);
  for (const part of parts) {
    const fits =
      part.shape.length === first.shape.length &&
      part.shape.every((dim, i) => i === at || dim === first.shape[i]);
    if (!fits || part.type !== first.type) {
      throw shapeError(
        "Concat",
        `like ${first.type}${showShape(first.shape)} but for axis ${at}`,
        `${part.type}${showShape(part.shape)}`,
      );
    }
  }
  const shape = first.shape.map((dim, i) => (i === at ? sumDims(parts.map((part) => part.shape[at]!)) : dim));
  return first.graph.node("Concat", parts, [{ type: first.type, shape }], { attributes: { axis: at } })[0]!;
}

/** Cuts an axis into pieces whose sizes are an int64 tensor; `dims` names or gives them. */
export function split(x: Value, sizes: Value, dims: readonly Dim[], axis: number): Value[] {
  const at = normalizeAxis("Split", axis, x.shape.length);
  const outputs = dims.map((dim) => ({
    type: x.type,
    shape: x.shape.map((old, i) => (i === at ? dim : old)),
  }));
  return x.graph.node("Split", [x, sizes], outputs, { attributes: { axis: at } });
}

/** Cuts an axis of a known size into equal pieces; one piece is the value itself. */
export function splitEvenly(x: Value, pieces: number, axis: number): Value[] {
  const at = normalizeAxis("Split", axis, x.shape.length);
  const size = x.shape[at];
  if (typeof size !== "number" || size % pieces !== 0) {
    throw shapeError("Split", `a multiple of ${pieces} at axis ${at}`, showShape(x.shape));
  }
  if (pieces === 1) return [x];
  const shape = x.shape.map((old, i) => (i === at ? size / pieces : old));
  const outputs = Array.from({ length: pieces }, () => ({ type: x.type, shape }));
  return x.graph.node("Split", [x], outputs, { attributes: { axis: at, num_outputs: pieces } });
}

/** Rows `[start, end)` of one axis, by constants or by int64 tensors of shape [1]; `dim` says the size of the result. */
export function slice(x: Value, axis: number, start: number | Value, end: number | Value, dim: Dim): Value {
  const at = normalizeAxis("Slice", axis, x.shape.length);
  const bound = (value: number | Value) => (typeof value === "number" ? ints(x.graph, [value]) : value);
  const shape = x.shape.map((old, i) => (i === at ? dim : old));
  return x.graph.node(
    "Slice",
    [x, bound(start), bound(end), ints(x.graph, [at])],
    [{ type: x.type, shape }],
  )[0]!;
}

export function unsqueeze(x: Value, axis: number): Value {
  const at = normalizeAxis("Unsqueeze", axis, x.shape.length + 1);
  const shape = [...x.shape.slice(0, at), 1, ...x.shape.slice(at)];
  return x.graph.node("Unsqueeze", [x, ints(x.graph, [at])], [{ type: x.type, shape }])[0]!;
}

export function squeeze(x: Value, axis: number): Value {
  const at = normalizeAxis("Squeeze", axis, x.shape.length);
  if (x.shape[at] !== 1) throw shapeError("Squeeze", `size 1 at axis ${at}`, showShape(x.shape));
  const shape = x.shape.filter((_, i) => i !== at);
  return x.graph.node("Squeeze", [x, ints(x.graph, [at])], [{ type: x.type, shape }])[0]!;
}

/** Broadcasts to a shape given as constants or as an int64 tensor. */
export function expand(x: Value, shape: Shape, sizes?: Value): Value {
  const to =
    sizes ??
    ints(
      x.graph,
      shape.map((dim) => (typeof dim === "number" ? dim : 1)),
    );
  return x.graph.node("Expand", [x, to], [{ type: x.type, shape: broadcast("Expand", x.shape, shape) }])[0]!;
}

/** Size of one axis as an int64 tensor of shape [1]. */
export function sizeOf(x: Value, axis: number): Value {
  const at = normalizeAxis("Shape", axis, x.shape.length);
  return x.graph.node("Shape", [x], [{ type: "int64", shape: [1] }], {
    attributes: { start: at, end: at + 1 },
  })[0]!;
}

/** All sizes as an int64 tensor [rank]. */
export function shapeOf(x: Value): Value {
  return x.graph.node("Shape", [x], [{ type: "int64", shape: [x.shape.length] }])[0]!;
}

/** A scalar repeated to the shape of another value. */
export function filledLike(x: Value, value: Value): Value {
  return expand(value, x.shape, shapeOf(x));
}

/** start, start + 1, ... below end; all int64 scalars. */
export function range(start: Value, end: Value, dim: Dim): Value {
  const one = scalar(start.graph, "int64", 1);
  return start.graph.node("Range", [start, end, one], [{ type: "int64", shape: [dim] }])[0]!;
}
