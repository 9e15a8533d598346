import { GraphBuilder, type Value } from "../../onnx/builder.js";
import { matMul, slice, squeeze, unsqueeze } from "../../onnx/ops/index.js";
import type { ModelProto } from "../../onnx/schema/onnx_pb.js";
import { visionInputs, visionOutputs } from "../contract.js";
import type { Reduced, ReductionBuilder, TowerSignals } from "./builder.js";
import { classAttention } from "./class-attention.js";
import { givenPatches } from "./given.js";
import { mergeWeights } from "./merge.js";
import { type Grid, type Selection, selectPatches } from "./select.js";
import { type SettingValues, settingInputs } from "./settings.js";

export type { Reduced, ReductionInputs } from "./builder.js";
export { type SettingValues, settingConstants, settingInputs } from "./settings.js";

/** PruMerge and PruMerge+ inside a graph; the planner in `reduce/` gives the same plan. */
export function reduceTokens(inputs: TowerSignals, settings: SettingValues): Reduced {
  const attention = inputs.attention ?? classAttention(inputs.queries, inputs.keys, inputs.classToken);
  return mergeTokens(inputs, attention, selectPatches(attention, inputs.grid, settings), settings);
}

/** The graph of the program `prumerge`. */
export const prumergeReduction: ReductionBuilder = {
  name: "prumerge",
  reduce: (graph, inputs) => reduceTokens(inputs, settingInputs(graph)),
};

function mergeTokens(
  { patches, keys, classToken, grid }: TowerSignals,
  attention: Value,
  selection: Selection,
  settings: Pick<SettingValues, "neighbours" | "globalToken">,
): Reduced {
  const count = grid.rows * grid.columns;
  const patchKeys = classToken ? slice(keys, 1, 1, count + 1, count) : keys;
  const weights = mergeWeights(attention, patchKeys, selection, settings);
  return { tokens: matMul(weights, patches), kept: selection.kept, weights, attention };
}

/** Sizes of {@link buildReduction}. */
export interface ReductionShape {
  readonly grid: Grid;
  /** Width C of the tower. */
  readonly width: number;
  readonly classToken: boolean;
  /** Take the kept patches as an input instead of choosing them: merging alone, for other selection rules. Default false. */
  readonly given?: boolean;
}

/** Names of the inputs and outputs of {@link buildReduction} that the vision graph has not. */
export const reductionContract = {
  patches: "patch_features", // float32 [N, C]
  keys: "key_features", // float32 [T, C]
  queries: "query_features", // float32 [1, C] or [N, C]
  given: "given_patches", // int64 [kept], distinct, in the order of the rows; only where they are given
  tokens: "visual_tokens", // float32 [tokens, C]: W X, before the projector
} as const;

/**
 * The reduction alone, for signals that are at hand already: {@link reductionContract}'s inputs and the settings of the
 * vision graph in, reduced tokens, kept patches, merge weights and class attention out. It holds no weights.
 */
export function buildReduction({ grid, width, classToken, given = false }: ReductionShape): ModelProto {
  const graph = new GraphBuilder("reduction");
  const count = grid.rows * grid.columns;
  const input = (name: string, rows: number) => unsqueeze(graph.input(name, "float32", [rows, width]), 0);
  const inputs: TowerSignals = {
    patches: input(reductionContract.patches, count),
    keys: input(reductionContract.keys, classToken ? count + 1 : count),
    queries: input(reductionContract.queries, classToken ? 1 : count),
    classToken,
    grid,
  };
  const reduced = given ? mergeGiven(graph, inputs) : reduceTokens(inputs, settingInputs(graph));
  graph.output(reductionContract.tokens, squeeze(reduced.tokens, 0));
  outputPlan(graph, reduced);
  return graph.build();
}

function mergeGiven(graph: GraphBuilder, inputs: TowerSignals): Reduced {
  const attention = classAttention(inputs.queries, inputs.keys, inputs.classToken);
  const kept = graph.input(reductionContract.given, "int64", ["kept"]);
  const settings = {
    neighbours: graph.input(visionInputs.neighbours, "int64", []),
    globalToken: graph.input(visionInputs.globalToken, "bool", []),
  };
  return mergeTokens(inputs, attention, givenPatches(attention, kept), settings);
}

/** Adds what the reduction decided, for the one picture of the graph, to its outputs. */
export function outputPlan(graph: GraphBuilder, { kept, weights, attention }: Reduced): void {
  graph.output(visionOutputs.keptPatches, squeeze(kept, 0));
  graph.output(visionOutputs.mergeWeights, squeeze(weights, 0));
  graph.output(visionOutputs.classAttention, squeeze(attention, 0));
}
