import type { RopeSpec } from "../models/spec.js";
import type { GraphBuilder, Value } from "../onnx/builder.js";
import {
  add,
  cast,
  cos,
  div,
  greater,
  matMul,
  max,
  mul,
  pow,
  reduce,
  reshape,
  scalar,
  sin,
  squeeze,
  sub,
  transpose,
  unsqueeze,
  where,
} from "../onnx/ops/index.js";
import { ropeFrequencies } from "./rope-frequencies.js";

type RopeAxes = NonNullable<Extract<RopeSpec, { kind: "default" }>["axes"]>;

/** Cosines and sines by which a run's rows are rotated, both float32 [rows, headDim / 2]. */
export interface RopeAngles {
  readonly cos: Value;
  readonly sin: Value;
}

/**
 * Angles of rows at given positions, computed in the graph in float32 as transformers does, so that no table bounds the
 * context. The only place where a position becomes a rotation.
 *
 * @param positions int64 [axes, rows]: the first axis is that of a position's coordinates, of which text models have one
 */
export function ropeAngles(
  graph: GraphBuilder,
  rope: RopeSpec,
  headDim: number,
  positions: Value,
): RopeAngles {
  const { inverse, attentionFactor } = ropeFrequencies(rope, headDim);
  if (rope.kind === "default" && rope.axes !== undefined) {
    const table = axisFrequencies(inverse, rope.axes);
    const at = transpose(cast(positions, "float32"), [1, 0]);
    // Each frequency is of one coordinate, so that the product adds nothing but zeros to it.
    const angles = matMul(at, graph.constant("float32", [3, inverse.length], table));
    return { cos: cos(angles), sin: sin(angles) };
  }
  const within = graph.constant("float32", [inverse.length], [...inverse]);
  const frequencies =
    rope.kind === "dynamic" ? dynamicFrequencies(rope, headDim, lengthOf(positions), within) : within;
  const at = cast(squeeze(positions, 0), "float32");
  const angles = mul(unsqueeze(at, 1), frequencies);
  return scaleAngles({ cos: cos(angles), sin: sin(angles) }, attentionFactor);
}

/**
 * Which frequency rotates by which of three coordinates, [3, headDim / 2]: side by side (Qwen2-VL), or in turn as long as a
 * coordinate has some left, and the first coordinate's where none of the others' (Qwen3-VL).
 */
function axisFrequencies(inverse: Float32Array, { sections, interleaved }: RopeAxes): number[] {
  const [time, row, column] = sections;
  const axisOf = (i: number) => {
    if (!interleaved) return i < time ? 0 : i < time + row ? 1 : 2;
    if (i % 3 === 1 && i < 3 * row) return 1;
    return i % 3 === 2 && i < 3 * column ? 2 : 0;
  };
  return [0, 1, 2].flatMap((axis) =>
    Array.from(inverse, (frequency, i) => (axisOf(i) === axis ? frequency : 0)),
  );
}

/** Both tables multiplied by a constant: attention's scale costs nothing when the queries' angles carry it. */
export function scaleAngles(angles: RopeAngles, factor: number): RopeAngles {
  if (factor === 1) return angles;
  const by = scalar(angles.cos.graph, "float32", factor);
  return { cos: mul(angles.cos, by), sin: mul(angles.sin, by) };
}

/**
 * Dynamic NTK scaling: beyond the original context the base grows with the length of the sequence so far. Rows cached
 * earlier keep the rotation they got, as in transformers.
 */
function dynamicFrequencies(
  rope: Extract<RopeSpec, { kind: "dynamic" }>,
  headDim: number,
  length: Value,
  within: Value,
): Value {
  const { graph } = length;
  const float = (value: number) => scalar(graph, "float32", value);
  const context = scalar(graph, "int64", rope.originalContext);
  const stretched = mul(float(rope.factor), cast(max(length, context), "float32"));
  const growth = sub(div(stretched, float(rope.originalContext)), float(rope.factor - 1));
  const base = mul(float(rope.theta), pow(growth, float(headDim / (headDim - 2))));
  const exponents = Array.from({ length: headDim / 2 }, (_, i) => (2 * i) / headDim);
  const beyond = div(float(1), pow(base, graph.constant("float32", [exponents.length], exponents)));
  return where(greater(length, context), beyond, within);
}

/** How long transformers takes a sequence to be that has these positions: int64 scalar, the largest and one. */
function lengthOf(positions: Value): Value {
  const largest = reduce("ReduceMax", reshape(positions, ["coordinates"]), 0);
  return add(largest, scalar(positions.graph, "int64", 1));
}
