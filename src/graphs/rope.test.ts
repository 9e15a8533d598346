import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, it } from "vitest";
import { greatestDifference } from "../../test/support/compare.js";
import { runDecoder, runMergedDecoder } from "../../test/support/run-decoder.js";
import { floats, readFixture } from "../../test/support/safetensors.js";
import { writeLanguageFolder } from "../../test/support/tiny-folder.js";
import { languageOnly } from "../../test/support/tiny-llava.js";
import { ConfigReader } from "../models/config-reader.js";
import { parseLanguageModel } from "../models/language-model.js";
import type { LanguageModelSpec } from "../models/spec.js";
import { GraphBuilder } from "../onnx/builder.js";
import { ModelProtoSchema } from "../onnx/schema/onnx_pb.js";
import { loadEngine } from "../runtime/load-engine.js";
import { openSession } from "../runtime/ort.js";
import { ropeAngles } from "./rope.js";
import { ropeFrequencies } from "./rope-frequencies.js";

// What transformers 5.23 computes for each kind of scaling: see test/fixtures/README-language.md.
const fixtures = new URL("../../test/fixtures/rope/", import.meta.url);
interface Case {
  readonly name: string;
  readonly kind?: string;
  readonly first: number;
  readonly count: number;
  readonly attention_factor: number;
  readonly config: unknown;
}
const manifest: { angles: Case[]; models: Case[] } = JSON.parse(
  readFileSync(new URL("manifest.json", fixtures), "utf8"),
);
const specs = new Map(
  manifest.angles.filter((entry) => entry.config).map((entry) => [entry.name, specOf(entry)]),
);
const folder = mkdtempSync(join(tmpdir(), "prumerge-rope-"));
afterAll(() => rmSync(folder, { recursive: true }));

function specOf({ config, name }: Case): LanguageModelSpec {
  return parseLanguageModel(new ConfigReader(config, name));
}

describe("angles", () => {
  const recorded = readFixture(new URL("angles.safetensors", fixtures));

  it.each(manifest.angles.filter((entry) => entry.config))("has the frequencies of $name", (entry) => {
    const { rope, headDim } = specs.get(entry.name)!;
    const { inverse, attentionFactor } = ropeFrequencies(rope, headDim);
    const expected = floats(recorded, `${entry.name}.inverse`);
    expect(attentionFactor).toBeCloseTo(entry.attention_factor, 12);
    if (rope.kind === "dynamic") return; // the recorded ones belong to the last positions of its angles
    for (const [i, value] of inverse.entries()) {
      expect(Math.abs(value / expected[i]! - 1)).toBeLessThan(2.5e-7);
    }
  });

  it.each(manifest.angles.filter((entry) => entry.kind))("has the angles of $name", async (entry) => {
    const { rope, headDim } = specs.get(entry.kind!)!;
    const graph = new GraphBuilder("angles");
    const positions = graph.input("positions", "int64", [1, "rows"]);
    const { cos, sin } = ropeAngles(graph, rope, headDim, positions);
    graph.output("cos", cos);
    graph.output("sin", sin);
    const path = join(folder, `${entry.name}.onnx`);
    writeFileSync(path, toBinary(ModelProtoSchema, graph.build()));
    const session = await openSession(path);
    const out = await session.run({
      positions: new Tensor(
        "int64",
        BigInt64Array.from({ length: entry.count }, (_, row) => BigInt(entry.first + row)),
        [1, entry.count],
      ),
    });
    await session.dispose();
    // One unit in the last place of a frequency moves the angle of position p by up to p * 6e-8.
    const tolerance = 2e-6 + (entry.first + entry.count) * 1.3e-7;
    for (const part of ["cos", "sin"] as const) {
      const expected = floats(recorded, `${entry.name}.${part}`);
      expect(greatestDifference(out[part]!.data as Float32Array, expected)).toBeLessThan(tolerance);
    }
  });
});

describe.each(manifest.models)("model with $name scaling", (entry) => {
  const recorded = readFixture(new URL("models.safetensors", fixtures));
  const spec = languageOnly(specOf(entry));
  const { hiddenSize, vocabularySize } = spec.language;
  const written = writeLanguageFolder(spec, recorded);
  afterAll(() => rmSync(written.path, { recursive: true }));
  const rows = floats(recorded, "rows");
  const logits = floats(recorded, `${entry.name}.logits`);
  const steps = floats(recorded, `${entry.name}.steps`);

  it("gives transformers' logits", async () => {
    const every = await runDecoder(written.everyPosition, spec, rows);
    expect(greatestDifference(every, logits)).toBeLessThan(1e-4);
    const merged = await runMergedDecoder(written.merged, spec, rows);
    expect(greatestDifference(merged, logits.subarray(-vocabularySize))).toBeLessThan(1e-4);
  });

  it.each(["ours", "common"] as const)("row after row over the end of the context, %s form", async (form) => {
    const decoder = { path: form === "ours" ? written.decoder : written.merged, form };
    const engine = await loadEngine({ folder: written.path, decoder }, { worker: false });
    const cache = await engine.createCache();
    const matrix = (from: number, to: number) => ({
      rows: to - from,
      columns: hiddenSize,
      data: rows.subarray(from * hiddenSize, to * hiddenSize),
    });
    let run = await engine.forward(cache, matrix(0, 60));
    for (let row = 60; ; row++) {
      const expected = steps.subarray((row - 60) * vocabularySize, (row - 59) * vocabularySize);
      expect(greatestDifference(run.logits, expected)).toBeLessThan(1e-4);
      if (row === 80) break;
      run = await engine.forward(cache, matrix(row, row + 1));
    }
    await engine.dispose();
  });
});

it("tells the kinds of scaling apart", () => {
  const recorded = readFixture(new URL("models.safetensors", fixtures));
  const plain = floats(recorded, "default.logits");
  for (const { name } of manifest.models.slice(1)) {
    expect(greatestDifference(floats(recorded, `${name}.logits`), plain)).toBeGreaterThan(0.01);
  }
});
