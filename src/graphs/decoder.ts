import { type ModelSpec, positionAxes, rowWidth } from "../models/spec.js";
import { GraphBuilder, type Value } from "../onnx/builder.js";
import { concat, sizeOf, slice, squeeze, unsqueeze } from "../onnx/ops/index.js";
import type { ModelProto } from "../onnx/schema/onnx_pb.js";
import { attentionBias, cachedAttention, capacity, newKeyValue, rows } from "./cached-attention.js";
import { decoder } from "./contract.js";
import { enterStream, finishLayer, outputLogits, project, rowParts } from "./language-layers.js";
import { type RopeAngles, ropeAngles, scaleAngles } from "./rope.js";
import type { GraphWeights } from "./weights.js";

export interface DecoderOptions {
  /** `last`: logits [1, V] of the last row, as shipped (default); `all`: [rows, V], for replaying recorded logits. */
  readonly logits?: "last" | "all";
}

/**
 * `decoder*.onnx`: our form of the language model, in which the key/value cache is input only and each run returns the
 * rows to add to it. A row brings its position and its key's bias, so that neither follows from the cache's length.
 * Inputs and outputs: `contract.ts`.
 */
export function buildDecoder(
  spec: ModelSpec,
  weights: GraphWeights,
  options: DecoderOptions = {},
): ModelProto {
  const { language } = spec;
  const model = { spec: language, weights };
  const { keyValueHeads, headDim, layers } = language;
  const graph = new GraphBuilder("decoder");
  const embeddings = graph.input(decoder.embeddings, "float32", [rows, rowWidth(language)]);
  const positions = graph.input(decoder.positions, "int64", [positionAxes(language), rows]);
  const bias = {
    own: graph.input(decoder.keyBias, "float32", [rows]),
    past: graph.input(decoder.pastBias, "float32", [capacity]),
  };
  const pastLength = graph.input(decoder.pastLength, "int64", []);
  const past = Array.from({ length: layers }, (_, layer) => ({
    key: graph.input(decoder.pastKey(layer), "float32", [keyValueHeads, headDim, capacity]),
    value: graph.input(decoder.pastValue(layer), "float32", [keyValueHeads, capacity, headDim]),
  }));

  const [capacitySize, rowsSize] = [sizeOf(past[0]!.key, 2), sizeOf(embeddings, 0)];
  const count = squeeze(rowsSize, 0);
  const slots = squeeze(capacitySize, 0);
  const angles = ropeAngles(graph, language.rope, headDim, positions);
  const everyQuery = {
    angles: scaleAngles(angles, headDim ** -0.5),
    bias: attentionBias(graph, { slots, past: pastLength, count, bias }),
    sizes: concat([capacitySize, rowsSize], 0),
  };
  const lastQuery = {
    angles: mapAngles(everyQuery.angles, (x) => lastRow(x, 0)),
    bias: lastRow(everyQuery.bias, 0),
    sizes: everyQuery.sizes,
  };

  const [own, ...deep] = rowParts(unsqueeze(embeddings, 0), language);
  let stream = enterStream(model, own!);
  for (const [layer, cached] of past.entries()) {
    const { residual, normalized } = stream;
    const own = newKeyValue(
      language,
      project(model, layer, "k", normalized),
      project(model, layer, "v", normalized),
      angles,
    );
    // After the last layer's keys and values only the last row is of use.
    const lastOnly = options.logits !== "all" && layer === layers - 1;
    const narrow = (x: Value) => (lastOnly ? lastRow(x, 1) : x);
    const query = project(model, layer, "q", narrow(normalized));
    const attended = cachedAttention(language, query, lastOnly ? lastQuery : everyQuery, cached, own);
    const added = deep[layer];
    stream = finishLayer(model, layer, narrow(residual), attended, added && narrow(added));
    graph.output(decoder.newKey(layer), own.key);
    graph.output(decoder.newValue(layer), own.value);
  }
  graph.output(decoder.logits, squeeze(outputLogits(model, stream.normalized), 0));
  return graph.build();
}

function lastRow(x: Value, axis: number): Value {
  return slice(x, axis, -1, Number.MAX_SAFE_INTEGER, 1);
}

function mapAngles({ cos, sin }: RopeAngles, change: (x: Value) => Value): RopeAngles {
  return { cos: change(cos), sin: change(sin) };
}
