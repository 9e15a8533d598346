import { type CacheForm, defaultCacheForm } from "../models/cache-forms.js";
import { type ModelSpec, positionAxes, rowWidth } from "../models/spec.js";
import { GraphBuilder, type Value } from "../onnx/builder.js";
import { concat, reshape, sizeOf, slice, squeeze } from "../onnx/ops/index.js";
import type { ModelProto } from "../onnx/schema/onnx_pb.js";
import {
  type BatchedAttending,
  batchedAttention,
  batchedBias,
  batchedKeyValue,
  tableRows,
} from "./batched-attention.js";
import { batchedCaches } from "./batched-cache.js";
import { decoder } from "./contract.js";
import { enterStream, finishLayer, outputLogits, project, rowParts } from "./language-layers.js";
import { capacity, rows, sequences } from "./layer-cache.js";
import { ropeAngles, scaleAngles } from "./rope.js";
import type { GraphWeights } from "./weights.js";

/**
 * The decoder of our form for several sequences at once: every input and output of `decoder*.onnx` but the positions has an axis
 * of sequences in front, `past_length` is one number for each, and all have as many new rows. The caches are inputs only, side by
 * side in one array. In no folder: it is made of the folder's decoder when that is opened (`batch-decoder.ts`).
 *
 * Not for several sequences of rope that follows the length of one (`dynamic`).
 *
 * @param form of the cache; in 8 bits its inputs and outputs are the integers, and scales of their own beside them
 */
export function buildBatchedDecoder(
  spec: ModelSpec,
  weights: GraphWeights,
  form: CacheForm = defaultCacheForm,
): ModelProto {
  const { language } = spec;
  const model = { spec: language, weights };
  const { headDim, layers } = language;
  const axes = positionAxes(language);
  const graph = new GraphBuilder("decoder_batched");
  const embeddings = graph.input(decoder.embeddings, "float32", [sequences, rows, rowWidth(language)]);
  const positions = graph.input(decoder.positions, "int64", [axes, sequences, rows]);
  const bias = {
    own: graph.input(decoder.keyBias, "float32", [sequences, rows]),
    past: graph.input(decoder.pastBias, "float32", [sequences, capacity]),
  };
  const pastLength = graph.input(decoder.pastLength, "int64", [sequences]);
  const caches = Array.from({ length: layers }, (_, layer) => batchedCaches[form](graph, language, layer));

  const [count, each, slots] = [sizeOf(embeddings, 0), sizeOf(embeddings, 1), caches[0]!.slots];
  const table = ropeAngles(graph, language.rope, headDim, reshape(positions, [axes, "all rows"]));
  const angles = { ...table, of: tableRows(graph, count, each) };
  const everyQuery: BatchedAttending = {
    angles: { ...scaleAngles(table, headDim ** -0.5), of: angles.of },
    bias: batchedBias(graph, slots, each, pastLength, bias),
  };
  const sizes = concat([slots, each], 0);
  const lastQuery: BatchedAttending = {
    angles: { ...everyQuery.angles, of: lastRow(angles.of, 1) },
    bias: lastRow(everyQuery.bias, 2),
  };

  const [own, ...deep] = rowParts(embeddings, language);
  let stream = enterStream(model, own!);
  for (const [layer, cached] of caches.entries()) {
    const { residual, normalized } = stream;
    const own = batchedKeyValue(
      language,
      project(model, layer, "k", normalized),
      project(model, layer, "v", normalized),
      angles,
    );
    const held = cached.with(own, sizes);
    // After the last layer's keys and values only each sequence's last row is of use.
    const lastOnly = layer === layers - 1;
    const narrow = (x: Value) => (lastOnly ? lastRow(x, 1) : x);
    const query = project(model, layer, "q", narrow(normalized));
    const attended = batchedAttention(language, query, lastOnly ? lastQuery : everyQuery, held);
    const added = deep[layer];
    stream = finishLayer(model, layer, narrow(residual), attended, added && narrow(added));
    for (const [name, value] of held.outputs) graph.output(name, value);
  }
  graph.output(decoder.logits, squeeze(outputLogits(model, stream.normalized), 1));
  return graph.build();
}

function lastRow(x: Value, axis: number): Value {
  return slice(x, axis, -1, Number.MAX_SAFE_INTEGER, 1);
}
