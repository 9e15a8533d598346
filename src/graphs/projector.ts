import type { ModelSpec } from "../models/spec.js";
import { GraphBuilder, type Value } from "../onnx/builder.js";
import { gelu } from "../onnx/ops/index.js";
import type { ModelProto } from "../onnx/schema/onnx_pb.js";
import { projector as contract } from "./contract.js";
import { projectorPrefix } from "./names.js";
import type { GraphWeights } from "./weights.js";

/** A projector: float32 [..., C] -> [..., D]. */
export type Projector = (tokens: Value, spec: ModelSpec, weights: GraphWeights) => Value;

/**
 * LLaVA's two-layer projector: linear, exact gelu, linear.
 *
 * @param tokens float32 [..., C]
 * @returns float32 [..., D]
 */
export function project(tokens: Value, spec: ModelSpec, weights: GraphWeights): Value {
  const { hiddenSize, bias } = spec.projector;
  const layer = (x: Value, name: string, outSize: number, inSize: number) =>
    weights.linear(
      x,
      `${projectorPrefix}.${name}.weight`,
      outSize,
      inSize,
      bias ? `${projectorPrefix}.${name}.bias` : undefined,
    );
  const inner = gelu(layer(tokens, "linear_1", hiddenSize, spec.vision.hiddenSize));
  return layer(inner, "linear_2", spec.language.hiddenSize, hiddenSize);
}

/** `projector.onnx`: the projector alone, for tokens reduced outside of the vision graph. */
export function buildProjector(
  spec: ModelSpec,
  weights: GraphWeights,
  projector: Projector = project,
): ModelProto {
  const graph = new GraphBuilder("projector");
  const tokens = graph.input(contract.tokens, "float32", ["tokens", spec.vision.hiddenSize]);
  graph.output(contract.features, projector(tokens, spec, weights));
  return graph.build();
}
