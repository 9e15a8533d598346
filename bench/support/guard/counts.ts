import { dirname } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { loadModel } from "../../../dist/index.js";
import { noReduction, pruMergePlus } from "../../../dist/reduce/index.js";
import { findGraphs } from "../../../dist/runtime/model-folder.js";
import { decoder, visionInputs, visionOutputs } from "../../../src/graphs/contract.js";
import { samplePath } from "../../../src/model/find-folder.js";
import type { VisualTokens } from "../../../src/see/visual-tokens.js";
import type { Measured } from "./measured.js";
import { operations } from "./operations.js";

const bundled = dirname(samplePath(""));
const side = 336;
/** As long as many a system prompt, which is computed once. */
const head = "Answer with one word. ".repeat(8);

/** What the bundled model's graphs compute, and how many rows its language model is given: no noise moves these. */
export async function counts(measured: Measured): Promise<void> {
  await graphs(measured);
  await rows(measured);
}

async function graphs(measured: Measured): Promise<void> {
  const files = await findGraphs(bundled);
  const count = async (name: string, path: string, feeds: Record<string, Tensor>, fetches?: string[]) => {
    const { multiplyAdds, bytes } = await operations(path, feeds, fetches);
    measured.count(`${name}: multiply-adds`, multiplyAdds / 1e6, "millions, by the runtime's record");
    measured.count(`${name}: handed on`, bytes / 1e6, "megabytes between nodes");
  };
  const vision = files.vision!.path;
  const wanted = [visionOutputs.features, visionOutputs.keptPatches];
  await count("encoder, 64 of 576", vision, visionFeeds(false), wanted);
  await count("encoder, unreduced", vision, visionFeeds(true), wanted);
  const language = files.decoder!.path;
  await count("prefill of 73", language, await decoderFeeds(language, 73, 0));
  await count("token at 640", language, await decoderFeeds(language, 1, 640));
}

function visionFeeds(unreduced: boolean): Record<string, Tensor> {
  const bool = (value: boolean) => new Tensor("bool", [value], []);
  const integer = (value: number) => new Tensor("int64", [BigInt(value)], []);
  // Anything that is not the same everywhere.
  const pixels = Float32Array.from({ length: 3 * side ** 2 }, (_, at) => Math.sin(at * 0.37) + Math.sin(at));
  return {
    [visionInputs.pixels]: new Tensor("float32", pixels, [1, 3, side, side]),
    [visionInputs.exact]: bool(true),
    [visionInputs.count]: integer(unreduced ? 576 : 64),
    [visionInputs.iqrFactor]: new Tensor("float32", [1.5], []),
    [visionInputs.neighbours]: integer(unreduced ? 0 : 32),
    [visionInputs.spatial]: bool(!unreduced),
    [visionInputs.globalToken]: bool(!unreduced),
    [visionInputs.rasterOrder]: bool(unreduced),
  };
}

/** Rows behind a cache of so many, all of it in use. */
async function decoderFeeds(path: string, rows: number, past: number): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(path, { logSeverityLevel: 3 });
  const feeds: Record<string, Tensor> = {};
  for (const port of session.inputMetadata) {
    if (!port.isTensor) throw new Error(`${port.name} is no tensor`);
    const dims = port.shape.map((size) => (typeof size === "number" ? size : size === "rows" ? rows : past));
    const length = dims.reduce((all, size) => all * size, 1);
    const places = port.name === decoder.pastLength ? [BigInt(past)] : new BigInt64Array(length).fill(1n);
    feeds[port.name] =
      port.type === "int64"
        ? new Tensor("int64", BigInt64Array.from(places), dims)
        : new Tensor("float32", new Float32Array(length), dims);
  }
  await session.release();
  return feeds;
}

async function rows(measured: Measured): Promise<void> {
  const model = await loadModel(undefined, { threads: 1 });
  const ask = async (name: string, seen: VisualTokens, question: string) => {
    const prompt = `${head}<image>${question}`;
    const { promptTokens, reusedTokens } = await model.answer(seen, { prompt }, { maxNewTokens: 1 }).result;
    measured.count(`rows computed: ${name}`, promptTokens - reusedTokens, `of ${promptTokens} in the prompt`);
  };
  const [first, second] = [samplePath("sample_1.png"), samplePath("sample_2.png")];
  try {
    const reducer = pruMergePlus({ tokens: 64 });
    const seen = await model.see(first, reducer);
    await ask("the first picture, 64 tokens", seen, "What is in this picture?");
    await ask("a second question", seen, "Where is it?");
    await ask("another picture", await model.see(second, reducer), "What is in this picture?");
    await ask("the same, unreduced", await model.see(second, noReduction()), "What is in this picture?");
  } finally {
    await model.dispose();
  }
}
