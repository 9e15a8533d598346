import type { GraphBuilder, Value } from "../../onnx/builder.js";
import { scalar } from "../../onnx/ops/index.js";
import type { PruMergeSettings } from "../../reduce/prumerge-settings.js";
import { visionInputs } from "../contract.js";

/** The reduction's settings as scalars of a graph; meanings and ranges in docs/reduction-settings.md. */
export interface SettingValues {
  readonly exact: Value; // bool
  readonly count: Value; // int64
  readonly iqrFactor: Value; // float32
  readonly neighbours: Value; // int64
  readonly spatial: Value; // bool
  readonly globalToken: Value; // bool
  readonly rasterOrder: Value; // bool
}

/** Settings as ordinary inputs, so that they change per run within one session. */
export function settingInputs(graph: GraphBuilder): SettingValues {
  return {
    exact: graph.input(visionInputs.exact, "bool", []),
    count: graph.input(visionInputs.count, "int64", []),
    iqrFactor: graph.input(visionInputs.iqrFactor, "float32", []),
    neighbours: graph.input(visionInputs.neighbours, "int64", []),
    spatial: graph.input(visionInputs.spatial, "bool", []),
    globalToken: graph.input(visionInputs.globalToken, "bool", []),
    rasterOrder: graph.input(visionInputs.rasterOrder, "bool", []),
  };
}

/** Settings fixed in the graph, for programs that feed nothing but pixels. */
export function settingConstants(graph: GraphBuilder, settings: PruMergeSettings): SettingValues {
  const bool = (value: boolean) => scalar(graph, "bool", value ? 1 : 0);
  return {
    exact: bool(settings.exact),
    count: scalar(graph, "int64", settings.count),
    iqrFactor: scalar(graph, "float32", settings.iqrFactor),
    neighbours: scalar(graph, "int64", settings.neighbours),
    spatial: bool(settings.spatial),
    globalToken: bool(settings.globalToken),
    rasterOrder: bool(settings.rasterOrder),
  };
}
