import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { visionInputs } from "../../src/graphs/contract.js";
import { reductionContract } from "../../src/graphs/reduction/index.js";
import { GraphWeights, type WeightRecipe } from "../../src/graphs/weights.js";
import { WeightFile } from "../../src/onnx/weight-file.js";
import { saveModel } from "../../src/onnx/write.js";
import { seededRandom } from "../../src/tensor/random.js";
import { buildCover, projectedInput } from "../../test/support/cover-graph.js";
import { encoderGraph, grid, patches, vision } from "./clip-encoder.js";
import { writeGeneratedWeights } from "./generated-weights.js";
import { processorTime } from "./processor-time.js";

/** Runs of one thread on a square of 576 patches; each gives its processor time, milliseconds. */
export interface EncoderTime extends AsyncDisposable {
  /** CLIP-L/14-336. */
  encode(): Promise<number>;
  /** What the graph of `cover` adds to it: 64 rows of patches of width 1024 behind the projector. */
  cover(): Promise<number>;
}

const covered = 64;
const width = vision.hiddenSize;

/** Generated weights, 1.2 GB of them in a temporary folder until it is disposed of. */
export async function encoderTime(): Promise<EncoderTime> {
  const folder = mkdtempSync(join(tmpdir(), "prumerge-bench-encoder-"));
  const file = new WeightFile<WeightRecipe>("weights.onnx_data");
  const graph = encoderGraph(new GraphWeights(file, { precision: "float32" }), false);
  await writeGeneratedWeights(join(folder, file.location), file);
  await saveModel(join(folder, "encoder.onnx"), graph);
  await saveModel(
    join(folder, "cover.onnx"),
    buildCover({ grid, width, projectedWidth: width, classToken: true }),
  );
  const open = (name: string) =>
    InferenceSession.create(join(folder, name), { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const [encoder, cover] = [await open("encoder.onnx"), await open("cover.onnx")];
  const random = seededRandom(1);
  const noise = (...dims: number[]) => {
    const length = dims.reduce((product, dim) => product * dim, 1);
    return new Tensor(
      "float32",
      Float32Array.from({ length }, () => random() * 2 - 1),
      dims,
    );
  };
  const pixels = noise(1, 3, vision.imageSize, vision.imageSize);
  const feeds = {
    [reductionContract.patches]: noise(patches, width),
    [reductionContract.keys]: noise(patches + 1, width),
    [reductionContract.queries]: noise(1, width),
    [projectedInput]: noise(patches, width),
    [visionInputs.exact]: new Tensor("bool", [true], []),
    [visionInputs.count]: new Tensor("int64", [BigInt(covered)], []),
    [visionInputs.reach]: new Tensor("float32", [0], []),
  };
  const { tokens } = reductionContract;
  return {
    encode: () => processorTime(() => encoder.run({ pixels })),
    cover: () => processorTime(() => cover.run(feeds, [tokens])),
    async [Symbol.asyncDispose]() {
      await encoder.release();
      await cover.release();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
