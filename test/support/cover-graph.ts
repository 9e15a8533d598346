import { coverReduction } from "../../src/graphs/reduction/cover.js";
import { outputPlan, reductionContract } from "../../src/graphs/reduction/index.js";
import { GraphBuilder } from "../../src/onnx/builder.js";
import { squeeze, unsqueeze } from "../../src/onnx/ops/index.js";
import type { ModelProto } from "../../src/onnx/schema/onnx_pb.js";

/** What the graph reads beside {@link reductionContract}'s inputs. */
export const projectedInput = "projected_features"; // float32 [N, D]

export interface CoverShape {
  readonly grid: { readonly rows: number; readonly columns: number };
  /** C of the tower, and D behind the projector. */
  readonly width: number;
  readonly projectedWidth: number;
  readonly classToken: boolean;
}

/** `cover`'s reduction alone, for rows that are at hand. */
export function buildCover({ grid, width, projectedWidth, classToken }: CoverShape): ModelProto {
  const graph = new GraphBuilder("cover");
  const count = grid.rows * grid.columns;
  const input = (name: string, rows: number, columns: number) =>
    unsqueeze(graph.input(name, "float32", [rows, columns]), 0);
  const rows = input(projectedInput, count, projectedWidth);
  const reduced = coverReduction.reduce(graph, {
    patches: input(reductionContract.patches, count, width),
    keys: input(reductionContract.keys, classToken ? count + 1 : count, width),
    queries: input(reductionContract.queries, classToken ? 1 : count, width),
    projected: () => rows,
    classToken,
    grid,
  });
  graph.output(reductionContract.tokens, squeeze(reduced.tokens, 0));
  outputPlan(graph, reduced);
  return graph.build();
}
