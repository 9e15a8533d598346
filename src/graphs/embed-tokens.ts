import type { ModelSpec } from "../models/spec.js";
import { GraphBuilder } from "../onnx/builder.js";
import { cast, gather } from "../onnx/ops/index.js";
import type { ModelProto } from "../onnx/schema/onnx_pb.js";
import { embedTokens } from "./contract.js";
import { embeddingWeight } from "./names.js";
import type { GraphWeights } from "./weights.js";

/**
 * `embed_tokens*.onnx`: ids int64 [batch, sequence] -> float32 [batch, sequence, D]. Rows are looked up in their stored
 * form and widened after, so that a float16 table is never held in float32.
 */
export function buildEmbedTokens(spec: ModelSpec, weights: GraphWeights): ModelProto {
  const { vocabularySize, hiddenSize } = spec.language;
  const graph = new GraphBuilder("embed_tokens");
  const ids = graph.input(embedTokens.ids, "int64", ["batch", "sequence"]);
  const table = weights.stored(graph, embeddingWeight, [vocabularySize, hiddenSize]);
  graph.output(embedTokens.embeddings, cast(gather(table, ids), "float32"));
  return graph.build();
}
