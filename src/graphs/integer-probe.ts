import { toBinary } from "@bufbuild/protobuf";
import { GraphBuilder } from "../onnx/builder.js";
import { matMulIntegerToFloat, mul } from "../onnx/ops/index.js";
import { ModelProtoSchema } from "../onnx/schema/onnx_pb.js";
import { integerRows } from "./integer-rows.js";

/** Names and sizes of the probe's input and output. */
export const probe = { rows: "rows", sums: "sums", width: 64, columns: 16 } as const;

/** One product as int8 graphs have them, of the largest whole numbers that weights have, each of which stands for 1; bytes of a model. */
export function integerProbe(): Uint8Array {
  const { width, columns } = probe;
  const graph = new GraphBuilder("probe");
  const { whole, zero, scale } = integerRows(graph.input(probe.rows, "float32", ["rows", width]));
  const weights = {
    whole: graph.constant("int8", [width, columns], new Array<number>(width * columns).fill(127)),
    scales: graph.constant("float32", [columns], new Array<number>(columns).fill(1 / 127)),
  };
  graph.output(probe.sums, mul(matMulIntegerToFloat(whole, zero, weights), scale));
  return toBinary(ModelProtoSchema, graph.build());
}
