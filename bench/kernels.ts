import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { integerRows } from "../src/graphs/integer-rows.js";
import type { WeightRecipe } from "../src/graphs/weights.js";
import { GraphBuilder, type Value } from "../src/onnx/builder.js";
import { cast, matMul, matMulIntegerToFloat, matMulNBits, mul } from "../src/onnx/ops/index.js";
import { WeightFile } from "../src/onnx/weight-file.js";
import { saveModel } from "../src/onnx/write.js";
import { seededRandom } from "../src/tensor/random.js";
import type { BenchResult } from "./result.js";
import { writeGeneratedWeights } from "./support/generated-weights.js";
import { processorTime } from "./support/processor-time.js";

/** Width and inner width of the MLP at LLaVA-1.5-7B's geometry. */
const [inSize, outSize] = [4096, 11008];

/** A prompt with all visual tokens, one with 33, answers of eight together, and one answer's next token. */
const rowCounts = [616, 73, 8, 1] as const;

const threads = Number(process.env.PRUMERGE_BENCH_THREADS ?? 2);
const rounds = Number(process.env.PRUMERGE_BENCH_ROUNDS ?? 7);

type Place = (
  key: string,
  type: Value["type"],
  shape: readonly number[],
  part?: "blocks" | "scales",
) => Value;
type Product = (x: Value, place: Place) => Value;

/** x W^T by every kernel of the runtime that could multiply a language model's weights. */
const products: Readonly<Record<string, Product>> = {
  ...Object.fromEntries(
    ([32, 64, 128] as const).flatMap((blockSize) =>
      ([0, 1, 4] as const).map((level) => [
        `q4 block ${blockSize} level ${level}`,
        nBits(4, blockSize, level),
      ]),
    ),
  ),
  "q8 block 32 level 4": nBits(8, 32, 4),
  "q8 block 128 level 4": nBits(8, 128, 4),
  "int8 by column, activations with one scale": integers,
  "int8 by column and row": integersByRow,
  "q4 block 32 level 4 float16": (x, place) =>
    cast(nBits(4, 32, 4, "float16")(cast(x, "float16"), place), "float32"),
  float32: (x, place) => matMul(x, place("w", "float32", [inSize, outSize])),
};

/** Rates of one product of 7B's size by each kernel, all of them in turn in each round; the best of the rounds counts. */
export async function run(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "prumerge-bench-kernels-"));
  const sessions = new Map<string, InferenceSession>();
  try {
    for (const [name, product] of Object.entries(products)) {
      try {
        sessions.set(name, await openProduct(folder, name, product));
      } catch (error) {
        console.error(`kernels: the runtime refuses ${name}: ${String(error)}`);
      }
    }
    const results: BenchResult[] = [];
    for (const rows of rowCounts) results.push(...(await measure(sessions, rows)));
    return results;
  } finally {
    for (const session of sessions.values()) await session.release();
    rmSync(folder, { recursive: true, force: true });
  }
}

function nBits(
  bits: 4 | 8,
  blockSize: number,
  accuracyLevel: 0 | 1 | 4,
  scaleType: "float32" | "float16" = "float32",
): Product {
  return (x, place) => {
    const blocks = place("b", "uint8", [outSize, inSize / blockSize, (blockSize * bits) / 8], "blocks");
    const scales = place("s", scaleType, [outSize, inSize / blockSize], "scales");
    return matMulNBits(x, { blocks, scales, outSize, inSize, bits, blockSize, accuracyLevel });
  };
}

/** Weights in 8 bits with a scale for each column, activations with one for all of them. */
function integers(x: Value, place: Place): Value {
  const weight = place("w", "int8", [inSize, outSize], "blocks");
  const scale = place("s", "float32", [outSize], "scales");
  const output = [{ type: x.type, shape: [x.shape[0]!, outSize] }];
  return x.graph.node("DynamicQuantizeMatMul", [x, weight, scale], output, { domain: "com.microsoft" })[0]!;
}

/** The same with a scale for each row, as folders in int8 have it. */
function integersByRow(x: Value, place: Place): Value {
  const { whole, zero, scale } = integerRows(x);
  const weight = place("w", "int8", [inSize, outSize], "blocks");
  const scales = place("s", "float32", [outSize], "scales");
  return mul(matMulIntegerToFloat(whole, zero, { whole: weight, scales }), scale);
}

async function openProduct(folder: string, name: string, product: Product): Promise<InferenceSession> {
  const stem = name.replaceAll(" ", "-");
  const file = new WeightFile<WeightRecipe>(`${stem}.onnx_data`);
  const graph = new GraphBuilder("product");
  const x = graph.input("x", "float32", ["rows", inSize]);
  const place: Place = (key, type, shape, part) => {
    const source = { source: key, rows: outSize, columns: inSize };
    const recipe: WeightRecipe =
      part === undefined
        ? { op: "transpose", ...source, type: "float32" }
        : { op: "quantize", ...source, bits: 4, part };
    return graph.weight(file, key, type, shape, recipe);
  };
  graph.output("y", product(x, place));
  await writeGeneratedWeights(join(folder, file.location), file);
  const path = join(folder, `${stem}.onnx`);
  await saveModel(path, graph.build());
  return InferenceSession.create(path, { intraOpNumThreads: threads, logSeverityLevel: 4 });
}

async function measure(
  sessions: ReadonlyMap<string, InferenceSession>,
  rows: number,
): Promise<BenchResult[]> {
  const random = seededRandom(1);
  const data = Float32Array.from({ length: rows * inSize }, () => random() * 2 - 1);
  const x = new Tensor("float32", data, [rows, inSize]);
  const passed = new Map<string, number>();
  const worked = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, session] of sessions) {
      const started = performance.now();
      const work = await processorTime(() => session.run({ x }));
      const time = performance.now() - started;
      passed.set(name, Math.min(time, passed.get(name) ?? Number.POSITIVE_INFINITY));
      worked.set(name, Math.min(work, worked.get(name) ?? Number.POSITIVE_INFINITY));
    }
  }
  const operations = 2 * rows * inSize * outSize;
  const least = Math.min(...worked.values());
  return [...sessions.keys()].map((name) => ({
    name: `kernels: ${name}, ${rows} ${rows === 1 ? "row" : "rows"}`,
    median: passed.get(name)!,
    unit: "ms",
    notes: `best of ${rounds}, ${threads} threads; ${rate(operations, passed.get(name)!)} GOP/s; processor time ${worked.get(name)!.toFixed(2)} ms, ${(worked.get(name)! / least).toFixed(2)} of the best's`,
  }));
}

function rate(operations: number, milliseconds: number): string {
  return (operations / milliseconds / 1e6).toFixed(0);
}
