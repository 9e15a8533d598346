import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { afterAll, describe, expect, it } from "vitest";
import { writeLanguageFolder } from "../../test/support/tiny-folder.js";
import { goldenCases, tinyLanguageSpec, tinyWeights } from "../../test/support/tiny-llava.js";
import { GraphBuilder } from "../onnx/builder.js";
import { matMul, matMulNBits } from "../onnx/ops/index.js";
import { ModelProtoSchema } from "../onnx/schema/onnx_pb.js";
import { WeightFile } from "../onnx/weight-file.js";
import { loadDecoder } from "./load-decoder.js";
import { type EngineOptions, loadEngine } from "./load-engine.js";
import { loadTensors, openSession } from "./ort.js";
import { packedGraph } from "./packed-graphs.js";

const model = "tiny-llava-llama";
const spec = tinyLanguageSpec(model);
const root = mkdtempSync(join(tmpdir(), "prumerge-packed-"));
const folder = writeLanguageFolder(spec, tinyWeights(model), { precision: "q4" });
afterAll(() => {
  for (const path of [root, folder.path]) rmSync(path, { recursive: true });
});

describe("packed weights", () => {
  const files = { folder: folder.path, decoder: { path: folder.decoder, form: "ours" } } as const;
  const [golden] = goldenCases(model);
  const rows = { rows: golden!.length, columns: spec.language.hiddenSize, data: golden!.embeddings };

  async function logits(options: EngineOptions) {
    const engine = await loadEngine(files, { worker: false, ...options });
    const cache = await engine.createCache();
    const runs = [
      await engine.forward(cache, rows),
      await engine.forward(cache, { ...rows, rows: 1, data: rows.data.slice(0, rows.columns) }),
    ];
    await engine.dispose();
    return runs.map((run) => [...run.logits]);
  }

  it("give the same bits, of the folder's decoder and of one made of it, and are made once", async () => {
    const packed = join(root, "same");
    const decoder = await loadDecoder(files, spec, { cache: "q8" });
    for (const options of [{}, { decoder }]) {
      const expected = await logits(options);
      mkdirSync(packed, { recursive: true });
      const before = new Set(readdirSync(packed));
      expect(await logits({ ...options, packed })).toEqual(expected);
      const [made, ...more] = readdirSync(packed).filter((name) => !before.has(name));
      expect(more).toEqual([]);
      const path = join(packed, made!, "graph.onnx");
      const { mtimeMs } = statSync(path);
      expect(await logits({ ...options, packed })).toEqual(expected);
      expect(statSync(path).mtimeMs).toBe(mtimeMs);
    }
    expect(readdirSync(packed).length).toBe(2);
  });

  it("are others where weights or graph are others", async () => {
    const packed = join(root, "changed");
    const home = join(root, "model");
    mkdirSync(home);
    const [graph, weights] = [join(home, "a.onnx"), join(home, "a.onnx_data")];
    writeFileSync(graph, "refers to a.onnx_data");
    writeFileSync(weights, "1234");
    const pack = async (to: string) => writeFileSync(to, "packed");
    const first = await packedGraph(packed, graph, undefined, pack);
    expect(readFileSync(first, "utf8")).toBe("packed");
    expect(await packedGraph(packed, graph, undefined, () => Promise.reject(new Error("again")))).toBe(first);
    utimesSync(weights, 1, 1);
    const second = await packedGraph(packed, graph, undefined, pack);
    const other = await packedGraph(packed, graph, Buffer.from("another of a.onnx_data"), pack);
    expect(new Set([first, second, other]).size).toBe(3);
  });

  it("leave nothing where packing fails, and nothing of a process that was ended", async () => {
    const packed = join(root, "failed");
    const graph = join(root, "b.onnx");
    writeFileSync(graph, "b");
    mkdirSync(join(packed, ".packing-999999999-abc"), { recursive: true });
    mkdirSync(join(packed, `.packing-${process.ppid}-abc`));
    const fails = async (to: string) => {
      writeFileSync(to, "half");
      throw new Error("no power");
    };
    await expect(packedGraph(packed, graph, undefined, fails)).rejects.toThrow("no power");
    const odd = async (to: string) => writeFileSync(to, "MatMulNBits+1|4096;10;|5096;10;");
    await expect(packedGraph(packed, graph, undefined, odd)).rejects.toMatchObject({
      code: "RUNTIME",
      details: { found: "5096", where: graph },
    });
    expect(readdirSync(packed)).toEqual([`.packing-${process.ppid}-abc`]);
    await expect(openSession(join(root, "nowhere.onnx"), { packed })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect(openSession(graph, { packed })).rejects.toMatchObject({
      code: "RUNTIME",
      details: { where: graph },
    });
    expect(readdirSync(packed)).toEqual([`.packing-${process.ppid}-abc`]);
  });

  it("are refused for another device", async () => {
    await expect(loadEngine(files, { packed: root, device: "webgpu" })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      details: { where: "packed" },
    });
  });

  // 64 MiB in float32, and 4 bits of 8 MiB with scales of 2: large enough to be in the file.
  it.runIf(process.platform === "linux")("are no memory of the process, and the same bits", async () => {
    const file = new WeightFile<undefined>("wide.onnx_data");
    const graph = new GraphBuilder("wide");
    const x = graph.input("x", "float32", ["rows", width]);
    const blocks = graph.weight(file, "b", "uint8", [width, width / 32, 16], undefined);
    const scales = graph.weight(file, "s", "float32", [width, width / 32], undefined);
    const shape = { outSize: width, inSize: width, bits: 4, blockSize: 32, accuracyLevel: 4 } as const;
    graph.output("plain", matMul(x, graph.weight(file, "w", "float32", [width, width], undefined)));
    graph.output("quantized", matMulNBits(x, { blocks, scales, ...shape }));
    const path = join(root, "wide.onnx");
    writeFileSync(path, toBinary(ModelProtoSchema, graph.build()));
    writeFileSync(join(root, file.location), numbers(file.byteLength / 4));
    const packed = join(root, "wide");
    await (await openSession(path, { packed })).dispose();
    const { float32 } = await loadTensors();
    const feeds = { x: float32(numbers(5 * width), [5, width]) };
    const grown: number[] = [];
    const outcomes: unknown[] = [];
    for (const options of [{}, { packed }]) {
      const before = anonymousMebibytes();
      const session = await openSession(path, options);
      const { plain, quantized } = await session.run(feeds);
      outcomes.push([plain!.data, quantized!.data]);
      grown.push(anonymousMebibytes() - before);
      await session.dispose();
    }
    expect((outcomes[0] as Float32Array[])[1]!.every(Number.isFinite)).toBe(true);
    expect(outcomes[1]).toEqual(outcomes[0]);
    expect(grown[0]).toBeGreaterThan(50);
    expect(grown[1]).toBeLessThan(20);
  });
});

const width = 4096;

/** Whose bytes are four-bit values as well. */
const numbers = (length: number) =>
  Float32Array.from({ length }, (_, i) => (((i * 2_654_435_761) % 1009) - 504) / 1009);

function anonymousMebibytes(): number {
  const smaps = readFileSync("/proc/self/smaps_rollup", "utf8");
  return Number(/^Anonymous:\s+(\d+)/m.exec(smaps)![1]) / 1024;
}
