import { link, mkdir, mkdtemp } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { seededRandom } from "../../src/tensor/random.js";
import { llava15Spec } from "../../test/support/llava-15.js";
import { writeGeneratedWeights } from "./generated-weights.js";

/** What of a checkout is measured: each work by its name. */
export type Works = ReadonlyMap<string, () => unknown>;

const load = (root: string, path: string) => import(pathToFileURL(resolve(root, "dist", path)).href);

/** Seeing a picture at CLIP-L/14-336's size, unreduced and reduced in the graph, with a checkout's own graph and engine. */
export async function visionWorks(
  root: string,
  scratch: string,
): Promise<{ readonly works: Works; dispose(): Promise<void> }> {
  const [{ buildVision }, { GraphWeights }, { WeightFile }, { saveModel }, runtime] = await Promise.all(
    ["graphs/vision.js", "graphs/weights.js", "onnx/weight-file.js", "onnx/write.js", "runtime/index.js"].map(
      (path) => load(root, path),
    ),
  );
  const spec = llava15Spec();
  const { imageSize: side } = spec.vision;
  const folder = await mkdtemp(join(scratch, "side-"));
  await mkdir(join(folder, "onnx"));
  const file = new WeightFile("vision.onnx_data");
  const graph = buildVision(spec, new GraphWeights(file, { precision: "float32" }));
  // The weights that a graph places are in the order in which it names them, which is a checkout's own.
  const weights = join(scratch, `vision-${file.placements.length}-${file.byteLength}.bin`);
  const local = join(folder, "onnx", file.location);
  await link(weights, local).catch(async () => {
    await writeGeneratedWeights(weights, file);
    await link(weights, local);
  });
  await saveModel(join(folder, "onnx", "vision.onnx"), graph);
  const engine = await runtime.loadEngine(folder, { threads: 1, worker: false });
  const random = seededRandom(1);
  const data = Float32Array.from({ length: 3 * side * side }, () => random() * 2 - 1);
  const settings = {
    exact: true,
    count: 33,
    iqrFactor: 1.5,
    neighbours: 32,
    spatial: false,
    globalToken: true,
    rasterOrder: false,
  };
  const identity = { ...settings, count: 576, neighbours: 0, globalToken: false, rasterOrder: true };
  // Earlier engines take pixels alone, and settings for the identity as well.
  const see: (reduced: boolean) => unknown =
    "inGraphReduction" in engine
      ? (reduced) => engine.see(data, reduced ? settings : identity, { mergeWeights: reduced })
      : (reduced) =>
          engine.see(
            { data, height: side, width: side },
            reduced ? { name: "prumerge", settings } : "identity",
            { mergeWeights: reduced },
          );
  return {
    works: new Map([
      ["vision, unreduced", () => see(false)],
      ["vision, prumerge 33", () => see(true)],
    ]),
    dispose: () => engine.dispose(),
  };
}

/** Planning at the same size, with a checkout's own planner. */
export async function plannerWorks(root: string): Promise<Works> {
  const { pruMerge, pruMergePlus } = await load(root, "reduce/index.js");
  const random = seededRandom(1);
  const matrix = (rows: number) => ({
    rows,
    columns: 1024,
    data: Float32Array.from({ length: rows * 1024 }, () => random() * 2 - 1),
  });
  const signals = {
    grid: { rows: 24, columns: 24 },
    patches: matrix(576),
    keys: matrix(577),
    queries: matrix(1),
    classToken: true,
    heads: 16,
  };
  const methods = [
    ["planner, prumerge 33", pruMerge({ tokens: 33 })],
    ["planner, prumerge+ 151", pruMergePlus({ tokens: 151 })],
  ] as const;
  return new Map(methods.map(([name, reducer]) => [name, () => reducer.plan(signals)]));
}
