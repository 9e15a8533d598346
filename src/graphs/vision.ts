import { classTokenRows, gridSide, type ModelSpec, patchCount } from "../models/spec.js";
import { GraphBuilder, type Value } from "../onnx/builder.js";
import { concat, reshape, slice, squeeze } from "../onnx/ops/index.js";
import type { ModelProto } from "../onnx/schema/onnx_pb.js";
import { visionInputs, visionOutputs } from "./contract.js";
import { newlineWeight } from "./names.js";
import { type Projector, project } from "./projector.js";
import type { Reduced, ReductionBuilder, ReductionInputs } from "./reduction/builder.js";
import { builders } from "./reduction/builders.js";
import { outputPlan } from "./reduction/index.js";
import { type TowerOutputs, tokenCount, visionTower } from "./vision-tower.js";
import type { GraphWeights } from "./weights.js";

/** What a family may have instead of LLaVA's, or beside it. */
export interface VisionParts {
  /** Default: LLaVA's, of two layers. */
  readonly projector?: Projector;
  /** Whether the learned vector at the end of each line of tiles is an output; default false. */
  readonly newline?: boolean;
  /** Layers before the last whose keys and queries are outputs, where the tower has them: -2 and below. Default: none. */
  readonly layers?: readonly number[];
}

/**
 * `vision*.onnx` (see `graphs/contract.ts`): one view and the settings in, visual tokens out.
 *
 * @param reduction which the graph holds
 */
export function buildVision(
  spec: ModelSpec,
  weights: GraphWeights,
  parts: VisionParts = {},
  reduction: ReductionBuilder = builders[0],
): ModelProto {
  const graph = new GraphBuilder("vision");
  const { imageSize } = spec.vision;
  const pixels = graph.input(visionInputs.pixels, "float32", [1, 3, imageSize, imageSize]);
  const { features, tower, patches, reduced } = encodeReduced(
    pixels,
    spec,
    weights,
    (inputs) => reduction.reduce(graph, inputs),
    parts,
  );
  graph.output(visionOutputs.features, squeeze(features, 0));
  outputPlan(graph, reduced);
  graph.output(visionOutputs.patches, squeeze(patches, 0));
  graph.output(visionOutputs.keys, squeeze(tower.keys, 0));
  graph.output(visionOutputs.queries, squeeze(tower.queries, 0));
  if (spec.vision.classToken) {
    graph.output(visionOutputs.classFeatures, squeeze(slice(tower.hidden, 1, 0, 1, 1), 0));
  }
  for (const [layer, { keys, queries }] of tower.layers) {
    graph.output(visionOutputs.layerKeys(layer), squeeze(keys, 0));
    graph.output(visionOutputs.layerQueries(layer), squeeze(queries, 0));
  }
  if (parts.newline === true) {
    const width = spec.language.hiddenSize;
    const newline = weights.tensor(graph, newlineWeight, [width], `${newlineWeight}.stored`);
    graph.output(visionOutputs.newline, reshape(newline, [1, width]));
  }
  return graph.build();
}

interface Encoded {
  /** [B, tokens, D] */
  readonly features: Value;
  readonly tower: TowerOutputs;
  /** [B, N, C] */
  readonly patches: Value;
  readonly reduced: Reduced;
}

/** Tower, reduction and projector, the part that both forms of the vision graph share. */
export function encodeReduced(
  pixels: Value,
  spec: ModelSpec,
  weights: GraphWeights,
  reduce: (inputs: ReductionInputs) => Reduced,
  { projector = project, layers }: Pick<VisionParts, "projector" | "layers"> = {},
): Encoded {
  const { vision } = spec;
  const tower = visionTower(pixels, vision, weights, spec.featureLayer, layers);
  const tokens = tokenCount(vision);
  const count = patchCount(vision);
  const patches = vision.classToken ? slice(tower.hidden, 1, 1, tokens, count) : tower.hidden;
  const grid = { rows: gridSide(vision), columns: gridSide(vision) };
  const reduced = reduce({ ...tower, patches, classToken: vision.classToken, grid });
  const rows =
    classTokenRows(spec) === 1
      ? concat([slice(tower.hidden, 1, 0, 1, 1), reduced.tokens], 1)
      : reduced.tokens;
  return { features: projector(rows, spec, weights), tower, patches, reduced };
}
