import { classTokenRows, patchCount, type SquareModelSpec, siteSide } from "../models/spec.js";
import { GraphBuilder, type Value } from "../onnx/builder.js";
import { concat, reshape, slice, squeeze } from "../onnx/ops/index.js";
import type { ModelProto } from "../onnx/schema/onnx_pb.js";
import { visionInputs, visionOutputs } from "./contract.js";
import { newlineWeight } from "./names.js";
import { project } from "./projector.js";
import { blockMean } from "./reduction/blocks.js";
import type { Reduced, ReductionBuilder, ReductionInputs } from "./reduction/builder.js";
import { builders } from "./reduction/builders.js";
import { outputPlan } from "./reduction/index.js";
import { receivedAttention } from "./reduction/received-attention.js";
import type { VisionParts } from "./vision-parts.js";
import { type PatchPlaces, type TowerOutputs, tokenCount, visionTower } from "./vision-tower.js";
import type { GraphWeights } from "./weights.js";

/**
 * `vision*.onnx` (see `graphs/contract.ts`): one view and the settings in, visual tokens out.
 *
 * @param reduction which the graph holds
 */
export function buildVision(
  spec: SquareModelSpec,
  weights: GraphWeights,
  parts: VisionParts = {},
  reduction: ReductionBuilder = builders[0],
): ModelProto {
  const graph = new GraphBuilder("vision");
  const { imageSize } = spec.vision;
  const pixels = graph.input(visionInputs.pixels, "float32", [1, 3, imageSize, imageSize]);
  const places = parts.partial === true ? placeInputs(graph, patchCount(spec.vision)) : undefined;
  const { features, tower, patches, reduced, shown } = encodeReduced(
    pixels,
    spec,
    weights,
    (inputs) => reduction.reduce(graph, inputs),
    parts,
    places,
  );
  graph.output(visionOutputs.features, squeeze(features, 0));
  outputPlan(graph, reduced);
  graph.output(visionOutputs.patches, squeeze(patches, 0));
  const { last, layers } = shown;
  graph.output(visionOutputs.keys, squeeze(last.keys, 0));
  graph.output(visionOutputs.queries, squeeze(last.queries, 0));
  if (last.headAttention) graph.output(visionOutputs.headAttention, squeeze(last.headAttention, 0));
  if (spec.vision.classToken) {
    graph.output(visionOutputs.classFeatures, squeeze(slice(tower.hidden, 1, 0, 1, 1), 0));
  }
  for (const [layer, { keys, queries, headAttention }] of layers) {
    graph.output(visionOutputs.layerKeys(layer), squeeze(keys, 0));
    graph.output(visionOutputs.layerQueries(layer), squeeze(queries, 0));
    if (headAttention) graph.output(visionOutputs.layerHeadAttention(layer), squeeze(headAttention, 0));
  }
  if (parts.newline === true) {
    const width = spec.language.hiddenSize;
    const newline = weights.tensor(graph, newlineWeight, [width], `${newlineWeight}.stored`);
    graph.output(visionOutputs.newline, reshape(newline, [1, width]));
  }
  return graph.build();
}

function placeInputs(graph: GraphBuilder, patches: number): PatchPlaces {
  return {
    positions: graph.input(visionInputs.patchPositions, "int64", [patches]),
    valid: graph.input(visionInputs.validPatches, "int64", ["valid"]),
  };
}

interface Encoded {
  /** [B, tokens, D] */
  readonly features: Value;
  readonly tower: TowerOutputs;
  /** [B, N, C], or of blocks [B, N, D] */
  readonly patches: Value;
  readonly reduced: Reduced;
  /** Of the sites: of patches what the tower gives, of blocks the means. */
  readonly shown: ShownLayers;
}

interface ShownLayer {
  readonly keys: Value;
  readonly queries: Value;
  /** [B, N] */
  readonly headAttention?: Value;
}

interface ShownLayers {
  readonly last: ShownLayer;
  /** Those before it, by their number. */
  readonly layers: ReadonlyMap<number, ShownLayer>;
}

/** Tower, reduction and projector, the part that both forms of the vision graph share. */
export function encodeReduced(
  pixels: Value,
  spec: SquareModelSpec,
  weights: GraphWeights,
  reduce: (inputs: ReductionInputs) => Reduced,
  { projector = project, merger, layers }: Pick<VisionParts, "projector" | "merger" | "layers"> = {},
  places?: PatchPlaces,
): Encoded {
  const { vision } = spec;
  const tower = visionTower(pixels, { vision, weights }, spec.featureLayer, layers, places);
  const grid = { rows: siteSide(spec), columns: siteSide(spec) };
  if (merger !== undefined) {
    const patches = merger(tower.hidden, spec, weights);
    const shown = blocksOf(tower, spec, places);
    const { keys, queries } = shown.last;
    const ofPatches = receivedAttention(tower.queries, tower.keys, 1, places?.valid);
    const attention = blockMean(ofPatches, spec.blockSide ?? 1);
    const reduced = reduce({
      ...{ patches, keys, queries, attention, classToken: false, grid },
      projected: () => patches, // a merger ends in the language model's width
    });
    return { features: reduced.tokens, tower, patches, reduced, shown };
  }
  const tokens = tokenCount(vision);
  const count = patchCount(vision);
  const patches = vision.classToken ? slice(tower.hidden, 1, 1, tokens, count) : tower.hidden;
  const reduced = reduce({
    ...tower,
    patches,
    projected: () => projector(patches, spec, weights),
    classToken: vision.classToken,
    grid,
  });
  const rows =
    classTokenRows(spec) === 1
      ? concat([slice(tower.hidden, 1, 0, 1, 1), reduced.tokens], 1)
      : reduced.tokens;
  const shown = { last: tower, layers: tower.layers };
  return { features: projector(rows, spec, weights), tower, patches, reduced, shown };
}

/** What a tower shows, of blocks of patches: the means over each. */
function blocksOf(
  tower: TowerOutputs,
  { vision, blockSide = 1 }: SquareModelSpec,
  places: PatchPlaces | undefined,
): ShownLayers {
  const shown = ({ keys, queries }: Pick<ShownLayer, "keys" | "queries">): ShownLayer => ({
    keys: blockMean(keys, blockSide),
    queries: blockMean(queries, blockSide),
    headAttention: blockMean(receivedAttention(queries, keys, vision.heads, places?.valid), blockSide),
  });
  return {
    last: shown(tower),
    layers: new Map([...tower.layers].map(([layer, each]) => [layer, shown(each)])),
  };
}
