import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { buildReduction, reductionContract } from "../src/graphs/reduction/index.js";
import { tokenCount } from "../src/graphs/vision-tower.js";
import { GraphWeights, type WeightRecipe } from "../src/graphs/weights.js";
import type { ModelProto } from "../src/onnx/schema/onnx_pb.js";
import { WeightFile } from "../src/onnx/weight-file.js";
import { saveModel } from "../src/onnx/write.js";
import { earlierLayers } from "../src/reduce/need.js";
import { seededRandom } from "../src/tensor/random.js";
import { buildCover, projectedInput } from "../test/support/cover-graph.js";
import type { BenchResult } from "./result.js";
import { bareTower, bareTowerInputs } from "./support/bare-tower.js";
import { encoderGraph, featureLayer, grid, patches, vision } from "./support/clip-encoder.js";
import { writeGeneratedWeights } from "./support/generated-weights.js";

const repetitions = 7;
const threads = 2;

const width = vision.hiddenSize;

/** Settings of the methods whose cost is measured, as the graph takes them. */
const methods = {
  "prumerge, 32 kept": { count: 33, spatial: false },
  "prumerge+, 150 kept": { count: 151, spatial: true },
  "identity, 576 kept": { count: 576, spatial: false },
} as const;
type Method = keyof typeof methods;

/** Rows of `cover`, and the width behind LLaVA-1.5's projector. */
const covered = 64;
const projectedWidth = 4096;

/** At which a graph that shows layers is compared with one that does not. */
const unasked: Method = "identity, 576 kept";

/**
 * The vision tower with and without the in-graph reduction, and against its bare matrix products, interleaved in one
 * run.
 */
export async function run(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "prumerge-bench-vision-"));
  try {
    const sessions = await openSessions(folder);
    return await measure(sessions);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Sessions {
  readonly plain: InferenceSession;
  readonly reducing: InferenceSession;
  /** With the layers before the last as outputs, which a run may leave out. */
  readonly showing: InferenceSession;
  readonly bare: InferenceSession;
  readonly alone: InferenceSession;
  /** `cover` alone, for patches that went through the projector. */
  readonly cover: InferenceSession;
}

async function openSessions(folder: string): Promise<Sessions> {
  const file = new WeightFile<WeightRecipe>("weights.onnx_data");
  const weights = new GraphWeights(file, { precision: "float32" });
  const graphs: Record<keyof Sessions, ModelProto> = {
    plain: encoderGraph(weights, false),
    reducing: encoderGraph(weights, true),
    showing: encoderGraph(weights, true, earlierLayers),
    bare: bareTower(vision, weights, featureLayer),
    alone: buildReduction({ grid, width, classToken: true }),
    cover: buildCover({ grid, width, projectedWidth, classToken: true }),
  };
  await writeGeneratedWeights(join(folder, file.location), file);
  const open = async (name: keyof Sessions) => {
    const path = join(folder, `${name}.onnx`);
    await saveModel(path, graphs[name]);
    return InferenceSession.create(path, { intraOpNumThreads: threads, logSeverityLevel: 3 });
  };
  return {
    plain: await open("plain"),
    reducing: await open("reducing"),
    showing: await open("showing"),
    bare: await open("bare"),
    alone: await open("alone"),
    cover: await open("cover"),
  };
}

async function measure({ plain, reducing, showing, bare, alone, cover }: Sessions): Promise<BenchResult[]> {
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
  const rows = tokenCount(vision);
  const products = {
    [bareTowerInputs.narrow]: noise(rows, width),
    [bareTowerInputs.wide]: noise(rows, vision.intermediateSize),
  };
  const signals = {
    [reductionContract.patches]: noise(patches, width),
    [reductionContract.keys]: noise(patches + 1, width),
    [reductionContract.queries]: noise(1, width),
  };
  const coverFeeds = {
    ...signals,
    [projectedInput]: noise(patches, projectedWidth),
    exact: new Tensor("bool", [true], []),
    count: new Tensor("int64", [BigInt(covered)], []),
    reach: new Tensor("float32", [0], []),
  };
  const names = Object.keys(methods) as Method[];
  const times = new Map<string, number[]>();
  const record = async (name: string, session: InferenceSession, feeds: Record<string, Tensor>) => {
    const start = performance.now();
    await session.run(feeds, [session.outputNames[0]!]);
    times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
  };
  for (let repetition = -1; repetition < repetitions; repetition++) {
    if (repetition === 0) times.clear();
    await record("bare", bare, products);
    await record("without", plain, { pixels });
    for (const name of names) {
      await record(name, reducing, { pixels, ...feeds(name) });
      await record(`${name} alone`, alone, { ...signals, ...feeds(name) });
    }
    await record("cover", cover, coverFeeds);
    await record("unasked", showing, { pixels, ...feeds(unasked) });
  }
  const middle = (name: string) => median(times.get(name)!);
  const notes = `CLIP-L/14-336, float32, ${threads} threads, median of ${repetitions} after one warm-up`;
  const without = middle("without");
  const same = times.get("unasked")!.map((time, at) => time / times.get(unasked)![at]!);
  return [
    { name: "vision: encoder without reduction", median: without, unit: "ms", notes },
    {
      name: "vision: encoder over its bare matrix products",
      median: without / middle("bare"),
      unit: "ratio",
      notes: `${notes}; bare products ${middle("bare").toFixed(0)} ms, attention and norms are not in them`,
    },
    {
      name: "vision: layers shown and not asked for, over a graph without them",
      median: median(same),
      unit: "ratio",
      notes: `${notes}; layers ${earlierLayers.join(", ")}, ${unasked}, median of the ratios of neighbouring runs`,
    },
    {
      name: `vision: cover, ${covered} rows, reduction alone over encoder`,
      median: middle("cover") / without,
      unit: "ratio",
      notes: `${notes}; the reduction's own nodes ${middle("cover").toFixed(2)} ms, the projector not in them`,
    },
    ...names.flatMap((name) => [
      { name: `vision: encoder with ${name}`, median: middle(name), unit: "ms", notes },
      {
        name: `vision: ${name}, with over without`,
        median: middle(name) / without,
        unit: "ratio",
        notes: `${notes}; both carry the noise of a whole encoding`,
      },
      {
        name: `vision: ${name}, reduction alone over encoder`,
        median: middle(`${name} alone`) / without,
        unit: "ratio",
        notes: `${notes}; the reduction's own nodes ${middle(`${name} alone`).toFixed(2)} ms, queries and keys not in it`,
      },
    ]),
  ];
}

function feeds(name: Method): Record<string, Tensor> {
  const { count, spatial } = methods[name];
  const identity = count === patches;
  const bool = (value: boolean) => new Tensor("bool", [value], []);
  const integer = (value: number) => new Tensor("int64", [BigInt(value)], []);
  return {
    exact: bool(true),
    count: integer(count),
    iqr_factor: new Tensor("float32", [1.5], []),
    neighbours: integer(identity ? 0 : 32),
    spatial: bool(spatial),
    global_token: bool(!identity),
    raster_order: bool(identity),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
