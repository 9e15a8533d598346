import { languagePrefix, outputWeight } from "../../src/graphs/names.js";
import type { GraphWeights } from "../../src/graphs/weights.js";
import type { LanguageModelSpec } from "../../src/models/spec.js";
import { GraphBuilder, type Value } from "../../src/onnx/builder.js";
import { concat, slice } from "../../src/onnx/ops/index.js";
import type { ModelProto } from "../../src/onnx/schema/onnx_pb.js";

/** Inputs of the graph of {@link bareProducts}: float32 [rows, D], [rows, all heads] and [rows, width of the MLP]. */
export const bareInputs = { narrow: "narrow", attended: "attended", wide: "wide" } as const;

/**
 * The decoder's linear layers alone, each on as many rows as it has there (the last layer and the output on one), over
 * the same weight file; one number of each product is kept so that none is left out.
 */
export function bareProducts(spec: LanguageModelSpec, weights: GraphWeights): ModelProto {
  const { hiddenSize, intermediateSize, layers, vocabularySize } = spec;
  const graph = new GraphBuilder("bare");
  const narrow = graph.input(bareInputs.narrow, "float32", ["rows", hiddenSize]);
  const attention = spec.heads * spec.headDim;
  const attended = graph.input(bareInputs.attended, "float32", ["rows", attention]);
  const wide = graph.input(bareInputs.wide, "float32", ["rows", intermediateSize]);
  const corners: Value[] = [];
  const product = (x: Value, source: string, outSize: number, inSize: number) => {
    const all = weights.linear(x, source, outSize, inSize);
    corners.push(slice(slice(all, 0, 0, 1, 1), 1, 0, 1, 1));
  };
  for (let layer = 0; layer < layers; layer++) {
    const name = (part: string) => `${languagePrefix}.layers.${layer}.${part}_proj.weight`;
    const rows = layer === layers - 1 ? lastRow : (x: Value) => x;
    const keyValue = spec.keyValueHeads * spec.headDim;
    product(rows(narrow), name("self_attn.q"), attention, hiddenSize);
    product(narrow, name("self_attn.k"), keyValue, hiddenSize);
    product(narrow, name("self_attn.v"), keyValue, hiddenSize);
    product(rows(attended), name("self_attn.o"), hiddenSize, attention);
    product(rows(narrow), name("mlp.gate"), intermediateSize, hiddenSize);
    product(rows(narrow), name("mlp.up"), intermediateSize, hiddenSize);
    product(rows(wide), name("mlp.down"), hiddenSize, intermediateSize);
  }
  product(lastRow(narrow), outputWeight, vocabularySize, hiddenSize);
  graph.output("corners", concat(corners, 0));
  return graph.build();
}

function lastRow(x: Value): Value {
  return slice(x, 0, -1, Number.MAX_SAFE_INTEGER, 1);
}
