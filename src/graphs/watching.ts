import type { SquareModelSpec } from "../models/spec.js";
import { GraphBuilder, type Value } from "../onnx/builder.js";
import { reshape, slice } from "../onnx/ops/index.js";
import type { ModelProto } from "../onnx/schema/onnx_pb.js";
import { visionInputs, visionOutputs } from "./contract.js";
import { project } from "./projector.js";
import { classAttention } from "./reduction/class-attention.js";
import type { TowerParts } from "./tower-parts.js";
import type { VisionParts } from "./vision-parts.js";
import { tokenCount, visionTower } from "./vision-tower.js";

/**
 * `vision_video*.onnx` (see `graphs/contract.ts`): frames of a video in, every row of each of them out, with what methods
 * read. It holds no reduction, whose counts would differ between the frames: they are planned beside it.
 *
 * @param spec of the whole model, whose projector is the tower's, too
 * @param tower for videos; it takes its `frames` at once, or one where it does not look across them
 * @param featureLayer of that tower
 */
export function buildWatching(
  spec: SquareModelSpec,
  tower: TowerParts,
  featureLayer: number,
  { projector = project, layers = [] }: Pick<VisionParts, "projector" | "layers"> = {},
): ModelProto {
  const graph = new GraphBuilder("vision_video");
  const { vision, weights, frames = 1 } = tower;
  const { imageSize, classToken, hiddenSize } = vision;
  const tokens = tokenCount(vision);
  const lead = classToken ? 1 : 0;
  const patches = tokens - lead;
  const pixels = graph.input(visionInputs.pixels, "float32", [frames, 3, imageSize, imageSize]);
  const seen = visionTower(pixels, tower, featureLayer, layers);
  const output = (name: string, value: Value, rows: number, width = hiddenSize) =>
    graph.output(name, reshape(value, [frames * rows, width]));
  const projected = projector(seen.hidden, spec, weights);
  output(visionOutputs.features, projected, tokens, spec.language.hiddenSize);
  output(visionOutputs.patches, slice(seen.hidden, 1, lead, tokens, patches), patches);
  output(visionOutputs.keys, seen.keys, tokens);
  output(visionOutputs.queries, seen.queries, classToken ? 1 : patches);
  const attention = classAttention(seen.queries, seen.keys, classToken);
  graph.output(visionOutputs.classAttention, reshape(attention, [frames * patches]));
  if (classToken) output(visionOutputs.classFeatures, slice(seen.hidden, 1, 0, 1, 1), 1);
  for (const [layer, { keys, queries }] of seen.layers) {
    output(visionOutputs.layerKeys(layer), keys, tokens);
    output(visionOutputs.layerQueries(layer), queries, tokens);
  }
  return graph.build();
}
