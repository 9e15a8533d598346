import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { GraphWeights, type WeightRecipe } from "../../src/graphs/weights.js";
import { WeightFile } from "../../src/onnx/weight-file.js";
import { saveModel } from "../../src/onnx/write.js";
import { seededRandom } from "../../src/tensor/random.js";
import { encoderGraph, vision } from "./clip-encoder.js";
import { writeGeneratedWeights } from "./generated-weights.js";
import { processorTime } from "./processor-time.js";

/** Runs that encode one square of 576 patches by CLIP-L/14-336 with one thread, and the processor time of each. */
export interface EncoderTime extends AsyncDisposable {
  /** Milliseconds. */
  run(): Promise<number>;
}

/** Generated weights, 1.2 GB of them in a temporary folder until it is disposed of. */
export async function encoderTime(): Promise<EncoderTime> {
  const folder = mkdtempSync(join(tmpdir(), "prumerge-bench-encoder-"));
  const file = new WeightFile<WeightRecipe>("weights.onnx_data");
  const graph = encoderGraph(new GraphWeights(file, { precision: "float32" }), false);
  await writeGeneratedWeights(join(folder, file.location), file);
  await saveModel(join(folder, "encoder.onnx"), graph);
  const session = await InferenceSession.create(join(folder, "encoder.onnx"), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const side = vision.imageSize;
  const random = seededRandom(1);
  const noise = Float32Array.from({ length: 3 * side ** 2 }, () => random() * 2 - 1);
  const pixels = new Tensor("float32", noise, [1, 3, side, side]);
  return {
    run: () => processorTime(() => session.run({ pixels })),
    async [Symbol.asyncDispose]() {
      await session.release();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
