import { type ModelSpec, rowWidth } from "../models/spec.js";
import { GraphBuilder, type Value } from "../onnx/builder.js";
import { cast, concat, expand, gather, ints, scalar, sizeOf } from "../onnx/ops/index.js";
import type { ModelProto } from "../onnx/schema/onnx_pb.js";
import { embedTokens } from "./contract.js";
import { embeddingWeight } from "./names.js";
import type { GraphWeights } from "./weights.js";

/** What text has no part in, [batch, sequence, width]. */
function zeros(ids: Value, width: number): Value {
  const [batch, sequence] = ids.shape as [string, string];
  const sizes = concat([sizeOf(ids, 0), sizeOf(ids, 1), ints(ids.graph, [width])], 0);
  return expand(scalar(ids.graph, "float32", 0), [batch, sequence, width], sizes);
}

/**
 * `embed_tokens*.onnx`: ids int64 [batch, sequence] -> float32 [batch, sequence, W], W = D but for models whose rows hold more. Rows are looked up in their stored
 * form and widened after, so that a float16 table is never held in float32.
 */
export function buildEmbedTokens(spec: ModelSpec, weights: GraphWeights): ModelProto {
  const { vocabularySize, hiddenSize } = spec.language;
  const graph = new GraphBuilder("embed_tokens");
  const ids = graph.input(embedTokens.ids, "int64", ["batch", "sequence"]);
  const table = weights.stored(graph, embeddingWeight, [vocabularySize, hiddenSize]);
  const rows = cast(gather(table, ids), "float32");
  const beside = rowWidth(spec.language) - hiddenSize;
  graph.output(embedTokens.embeddings, beside === 0 ? rows : concat([rows, zeros(ids, beside)], -1));
  return graph.build();
}
