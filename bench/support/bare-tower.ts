import { visionPrefix } from "../../src/graphs/names.js";
import { tokenCount } from "../../src/graphs/vision-tower.js";
import type { GraphWeights } from "../../src/graphs/weights.js";
import type { VisionTowerSpec } from "../../src/models/spec.js";
import { GraphBuilder, type Value } from "../../src/onnx/builder.js";
import { concat, slice } from "../../src/onnx/ops/index.js";
import type { ModelProto } from "../../src/onnx/schema/onnx_pb.js";

/** Inputs of the graph of {@link bareTower}: float32 [T, C] and [T, width of the MLP]. */
export const bareTowerInputs = { narrow: "narrow", wide: "wide" } as const;

/**
 * The linear layers of a tower as matrix products alone, each on the rows that it has there, over the same weight file; one number of
 * each product is kept so that none is left out.
 *
 * @param layers that are run
 */
export function bareTower(vision: VisionTowerSpec, weights: GraphWeights, layers: number): ModelProto {
  const graph = new GraphBuilder("bare");
  const [rows, width, inner] = [tokenCount(vision), vision.hiddenSize, vision.intermediateSize];
  const narrow = graph.input(bareTowerInputs.narrow, "float32", [rows, width]);
  const wide = graph.input(bareTowerInputs.wide, "float32", [rows, inner]);
  const corners: Value[] = [];
  const product = (x: Value, name: string, outSize: number, inSize: number) => {
    const all = weights.linear(x, `${visionPrefix}.encoder.layers.${name}.weight`, outSize, inSize);
    corners.push(slice(slice(all, 0, 0, 1, 1), 1, 0, 1, 1));
  };
  for (let layer = 0; layer < layers; layer++) {
    for (const part of ["q", "k", "v", "out"])
      product(narrow, `${layer}.self_attn.${part}_proj`, width, width);
    product(narrow, `${layer}.mlp.fc1`, inner, width);
    product(wide, `${layer}.mlp.fc2`, width, inner);
  }
  graph.output("corners", concat(corners, 0));
  return graph.build();
}
