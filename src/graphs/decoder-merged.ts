import { type ModelSpec, positionAxes, rowWidth } from "../models/spec.js";
import { GraphBuilder, type Value } from "../onnx/builder.js";
import {
  add,
  cast,
  groupQueryAttention,
  mul,
  range,
  reduce,
  reshape,
  rotaryEmbedding,
  scalar,
  sizeOf,
  slice,
  squeeze,
  sub,
  unsqueeze,
} from "../onnx/ops/index.js";
import type { ModelProto } from "../onnx/schema/onnx_pb.js";
import { mergedDecoder } from "./contract.js";
import { enterStream, finishLayer, outputLogits, project, rowParts } from "./language-layers.js";
import { ropeAngles } from "./rope.js";
import type { GraphWeights } from "./weights.js";

/**
 * `decoder_model_merged*.onnx`: the language model in the form that transformers.js and other exporters use, with the
 * whole cache as input and output and logits of the last position only. Batch entries are taken to have no padding.
 */
export function buildMergedDecoder(spec: ModelSpec, weights: GraphWeights): ModelProto {
  const { language } = spec;
  const { heads, keyValueHeads, headDim } = language;
  const model = { spec: language, weights };
  const graph = new GraphBuilder("decoder_model_merged");
  // transformers.js sizes its first, empty cache by this dimension's name.
  const batch = "batch_size";
  const shape = [batch, "sequence", rowWidth(language)];
  const embeddings = graph.input(mergedDecoder.embeddings, "float32", shape);
  const mask = graph.input(mergedDecoder.attentionMask, "int64", [batch, "total"]);
  const axes = positionAxes(language);
  const positions = graph.input(
    mergedDecoder.positions,
    "int64",
    axes === 1 ? [batch, "sequence"] : [axes, batch, "sequence"],
  );
  const cache = [batch, keyValueHeads, "past", headDim] as const;
  const past = Array.from({ length: language.layers }, (_, layer) => ({
    key: graph.input(mergedDecoder.pastKey(layer), "float32", cache),
    value: graph.input(mergedDecoder.pastValue(layer), "float32", cache),
  }));

  const total = squeeze(sizeOf(mask, 1), 0);
  // One table for all batch entries, whose rows have positions of their own.
  const everyRow = reshape(positions, [axes, "all rows"]);
  const { cos, sin } = ropeAngles(graph, language.rope, headDim, everyRow);
  const zero = scalar(graph, "int64", 0);
  const [entries, count] = [squeeze(sizeOf(positions, -2), 0), squeeze(sizeOf(positions, -1), 0)];
  const firstRow = mul(unsqueeze(range(zero, entries, batch), 1), count);
  const tableRow = add(firstRow, unsqueeze(range(zero, count, "sequence"), 0));
  const rotate = (x: Value) => rotaryEmbedding(x, cos, sin, tableRow);
  const one = scalar(graph, "int64", 1);
  const lastPosition = cast(sub(reduce("ReduceSum", mask, 1), one), "int32");
  const totalLength = cast(total, "int32");

  const [own, ...deep] = rowParts(embeddings, language);
  let stream = enterStream(model, own!);
  for (const [layer, cached] of past.entries()) {
    const { residual, normalized } = stream;
    const [attended, presentKey, presentValue] = groupQueryAttention({
      query: rotate(project(model, layer, "q", normalized)),
      key: rotate(project(model, layer, "k", normalized)),
      value: project(model, layer, "v", normalized),
      pastKey: cached.key,
      pastValue: cached.value,
      lastPosition,
      totalLength,
      heads,
      keyValueHeads,
      total: "total",
    });
    // After attention of the last layer only the last row is of use.
    const narrow = (x: typeof residual) =>
      layer === language.layers - 1 ? slice(x, 1, -1, Number.MAX_SAFE_INTEGER, 1) : x;
    const added = deep[layer];
    stream = finishLayer(model, layer, narrow(residual), narrow(attended), added && narrow(added));
    graph.output(mergedDecoder.presentKey(layer), presentKey);
    graph.output(mergedDecoder.presentValue(layer), presentValue);
  }
  graph.output(mergedDecoder.logits, outputLogits(model, stream.normalized));
  return graph.build();
}
