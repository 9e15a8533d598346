import { PrumergeError } from "../errors.js";
import type { SquareModelSpec } from "../models/spec.js";
import { GraphBuilder, type Value } from "../onnx/builder.js";
import { gelu, identity } from "../onnx/ops/index.js";
import type { ModelProto } from "../onnx/schema/onnx_pb.js";
import { projector as contract } from "./contract.js";
import { projectorPrefix } from "./names.js";
import type { VisionParts } from "./vision-parts.js";
import type { GraphWeights } from "./weights.js";

/**
 * LLaVA's two-layer projector: linear, exact gelu, linear.
 *
 * @param tokens float32 [..., C]
 * @returns float32 [..., D]
 */
export function project(tokens: Value, spec: SquareModelSpec, weights: GraphWeights): Value {
  if (spec.projector === undefined) throw withoutProjector(spec);
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

function withoutProjector({ family }: SquareModelSpec): PrumergeError {
  return new PrumergeError("UNSUPPORTED_MODEL", "a model without LLaVA's projector needs its family's own", {
    where: family,
  });
}

/**
 * `projector.onnx`: the projector alone, for tokens reduced outside of the vision graph. Where a family has a merger they are of
 * the language model's width already, and stay as they are.
 */
export function buildProjector(
  spec: SquareModelSpec,
  weights: GraphWeights,
  { projector = project, merger }: Pick<VisionParts, "projector" | "merger"> = {},
): ModelProto {
  const graph = new GraphBuilder("projector");
  const width = merger === undefined ? spec.vision.hiddenSize : spec.language.hiddenSize;
  const tokens = graph.input(contract.tokens, "float32", ["tokens", width]);
  graph.output(contract.features, merger === undefined ? projector(tokens, spec, weights) : identity(tokens));
  return graph.build();
}
