import { nativeInputs, visionInputs, visionOutputs } from "../../graphs/contract.js";
import type { GraphWeights } from "../../graphs/weights.js";
import { GraphBuilder, type Value } from "../../onnx/builder.js";
import { concat, gather, gelu, reshape } from "../../onnx/ops/index.js";
import type { ModelProto } from "../../onnx/schema/onnx_pb.js";
import { earlierLayers } from "../../reduce/need.js";
import type { TowerParts } from "./generation.js";
import { signalLayer } from "./signal-layer.js";
import { type TokenSignals, tokenSignals } from "./signals.js";
import type { QwenVlSpec } from "./spec.js";
import { buildTower, normalize, type TowerBuild, towerPrefix } from "./tower.js";

/**
 * `vision*.onnx`: one picture of any size in, a row for each of its merged tokens out, raster order; see `nativeInputs` in
 * `graphs/contract.ts`. Rows that a plan mixes are those of the last layer, `patches`; `image_features` holds those of earlier
 * layers behind them, where the language model takes such.
 */
export function buildVision(spec: QwenVlSpec, weights: GraphWeights, parts: TowerParts): ModelProto {
  const graph = new GraphBuilder("vision");
  const { vision, language } = spec;
  const build = { vision, parts, weights };
  const pixels = graph.input(visionInputs.pixels, "float32", ["frames", 3, "height", "width"]);
  const layers = buildTower(graph, pixels, build);
  const main = merge(layers.at(-1)!.state, "merger", language.hiddenSize, build, "patch");
  const deep = (vision.deepLayers ?? []).map((layer, at) =>
    merge(layers[layer]!.state, `deepstack_merger_list.${at}`, language.hiddenSize, build, "row"),
  );
  const all = deep.length === 0 ? main : concat([main, ...deep], 1);
  const order = vision.windows && graph.input(nativeInputs.tokenOrder, "int64", ["tokens"]);
  const raster = (x: Value) => (order === undefined ? x : gather(x, order));
  const features = raster(all);
  graph.output(visionOutputs.features, features);
  graph.output(visionOutputs.patches, deep.length === 0 ? features : raster(main));
  showSignals(graph, tokenSignals(graph, layers[signalLayer(vision)]!, vision), raster);
  return graph.build();
}

/** One layer under both names that methods ask for: what they read of other towers' last two is here the same. */
function showSignals(graph: GraphBuilder, signals: TokenSignals, raster: (x: Value) => Value): void {
  const [keys, queries] = [raster(signals.keys), raster(signals.queries)];
  const [fullWidth, ofHeads] = [raster(signals.fullWidth), raster(signals.ofHeads)];
  for (const layer of [-1, ...earlierLayers]) {
    const last = layer === -1;
    graph.output(last ? visionOutputs.keys : visionOutputs.layerKeys(layer), keys);
    graph.output(last ? visionOutputs.queries : visionOutputs.layerQueries(layer), queries);
    graph.output(last ? visionOutputs.headAttention : visionOutputs.layerHeadAttention(layer), ofHeads);
  }
  graph.output(visionOutputs.classAttention, fullWidth);
}

/**
 * A row out of the patches of each square: the norm, two layers with an exact gelu between.
 *
 * @param normed whether the norm is over each patch, or over the patches of a row side by side
 */
function merge(
  state: Value,
  part: string,
  outSize: number,
  build: TowerBuild,
  normed: "patch" | "row",
): Value {
  const { vision, parts, weights } = build;
  const { hiddenSize, mergeSize } = vision;
  const name = `${towerPrefix}.${part}`;
  const wide = hiddenSize * mergeSize ** 2;
  const side = (x: Value) => reshape(x, ["tokens", wide]);
  const norm = (x: Value, width: number) => normalize(x, `${name}.${parts.merger.norm}`, width, build);
  const inner = normed === "patch" ? side(norm(state, hiddenSize)) : norm(side(state), wide);
  const linear = (x: Value, layer: string, size: number) =>
    weights.linear(x, `${name}.${layer}.weight`, size, wide, `${name}.${layer}.bias`);
  return linear(gelu(linear(inner, parts.merger.first, wide)), parts.merger.second, outSize);
}
