import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { GraphWeights, Precision } from "../../src/graphs/weights.js";
import type { ModelProto } from "../../src/onnx/schema/onnx_pb.js";
import { type TinyVision, writeGraphsTo } from "./recorded-vision.js";

export { type TinyVision, tinyLlava, tinyTower } from "./recorded-vision.js";

const root = mkdtempSync(join(tmpdir(), "prumerge-graphs-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Builds graphs over one weight file and writes them into a new folder, whose path it returns. */
export function writeGraphs(
  model: Pick<TinyVision, "checkpoint">,
  build: Readonly<Record<string, (weights: GraphWeights) => ModelProto>>,
  precision: Precision = "float32",
): string {
  const folder = mkdtempSync(join(root, "graphs-"));
  writeGraphsTo(folder, model, build, precision);
  return folder;
}
