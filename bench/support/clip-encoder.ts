import { visionOutputs } from "../../src/graphs/contract.js";
import { reduceTokens, settingInputs } from "../../src/graphs/reduction/index.js";
import { tokenCount, visionTower } from "../../src/graphs/vision-tower.js";
import type { GraphWeights } from "../../src/graphs/weights.js";
import { gridSide, patchCount } from "../../src/models/spec.js";
import { GraphBuilder } from "../../src/onnx/builder.js";
import { slice } from "../../src/onnx/ops/index.js";
import type { ModelProto } from "../../src/onnx/schema/onnx_pb.js";
import { llava15Spec } from "../../test/support/llava-15.js";

/** CLIP-L/14-336, the tower of LLaVA-1.5, and the layer that it is read at. */
export const { vision, featureLayer } = llava15Spec();
export const grid = { rows: gridSide(vision), columns: gridSide(vision) };
export const patches = patchCount(vision);

/**
 * The tower from `pixels` to `tokens`, without the projector, which gets cheaper with fewer tokens and would hide what a reduction costs.
 *
 * @param layers whose keys and queries are outputs too
 */
export function encoderGraph(
  weights: GraphWeights,
  reducing: boolean,
  layers: readonly number[] = [],
): ModelProto {
  const graph = new GraphBuilder("encoder");
  const pixels = graph.input("pixels", "float32", [1, 3, vision.imageSize, vision.imageSize]);
  const settings = reducing ? settingInputs(graph) : undefined;
  const tower = visionTower(pixels, { vision, weights }, featureLayer, layers);
  const hidden = slice(tower.hidden, 1, 1, tokenCount(vision), patches);
  const inputs = { ...tower, patches: hidden, classToken: true, grid };
  graph.output("tokens", settings === undefined ? hidden : reduceTokens(inputs, settings).tokens);
  for (const [layer, { keys, queries }] of tower.layers) {
    graph.output(visionOutputs.layerKeys(layer), keys);
    graph.output(visionOutputs.layerQueries(layer), queries);
  }
  return graph.build();
}
