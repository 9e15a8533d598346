import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { toBinary } from "@bufbuild/protobuf";
import {
  applyPlan,
  checkPlan,
  densePlan,
  isUnknownPlan,
  type LoadedModel,
  loadModel,
  noReduction,
  planRows,
  pruMerge,
  pruMergePlus,
  randomSampling,
  tracePlan,
  type VisualTokens,
} from "prumerge";
import { convert, type ModelFolder } from "prumerge/convert";
import { afterAll, describe, expect, it } from "vitest";
import { visionEncoder } from "../../src/graphs/contract.js";
import { type ReductionInputs, reduceTokens, settingConstants } from "../../src/graphs/reduction/index.js";
import { identitySettings } from "../../src/graphs/reduction/prumerge-program.js";
import { encodeReduced } from "../../src/graphs/vision.js";
import { GraphWeights, type WeightRecipe } from "../../src/graphs/weights.js";
import { squareModel } from "../../src/models/spec.js";
import { GraphBuilder } from "../../src/onnx/builder.js";
import { ModelProtoSchema } from "../../src/onnx/schema/onnx_pb.js";
import { WeightFile } from "../../src/onnx/weight-file.js";
import { floats, readFixture } from "../support/safetensors.js";
import { squarePixels } from "../support/square-pixels.js";

const goldens = fileURLToPath(new URL("../fixtures/goldens/llava", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "prumerge-folders-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const name = "tiny-llava-llama";
const recorded = JSON.parse(readFileSync(join(goldens, "manifest.json"), "utf8")).cases[0];
const pixels = squarePixels(
  floats(readFixture(join(goldens, `${name}.tensors.safetensors`)), "pixel_values"),
  112,
);

async function withModel<T>(path: string, work: (model: LoadedModel) => Promise<T>): Promise<T> {
  const model = await loadModel(path);
  try {
    return await work(model);
  } finally {
    await model.dispose();
  }
}

describe("a folder in transformers.js' layout", async () => {
  const path = join(folder, "plain");
  const converted = await convert(join(goldens, name), path, { dtype: "fp32", bakedTokens: 16 });
  stripOwnFiles(path);
  bakeWithoutReduction(converted);

  it("loads, says what it does not run, and answers as recorded", () =>
    withModel(path, async (model) => {
      expect(model.notes).toEqual([expect.stringMatching(/only encodes.*prumerge,.*prumerge convert/)]);
      expect(model.defaultReducer).toMatchObject({ method: "cover", options: { sizeBias: false } });
      const seen = await model.see(pixels, noReduction());
      expect(seen.statistics).toMatchObject({
        method: "none",
        visualTokens: 64,
        unreducedTokens: 64,
        inGraph: false,
      });
      const { prompt } = recorded.inputs;
      const { tokenIds } = await model.answer(seen, { prompt }, { maxNewTokens: 16 }).result;
      expect(tokenIds).toEqual(recorded.expected.greedy_ids);
    }));

  it("is reduced by what reads rows alone, and refuses the others", () =>
    withModel(path, async (model) => {
      const all = (await model.see(pixels, noReduction())).embeddings;
      const { plan, embeddings, bias } = await model.see(pixels, randomSampling({ tokens: 8 }));
      const rows = Array.from(plan.keptPatches, (patch) =>
        all.data.subarray(patch * all.columns, (patch + 1) * all.columns),
      );
      expect([...embeddings.data]).toEqual(rows.flatMap((row) => [...row]));
      expect([embeddings.rows, bias]).toEqual([8, undefined]);
      await expect(model.see(pixels, pruMerge())).rejects.toMatchObject({
        code: "INVALID_OPTION",
        message: expect.stringContaining("prumerge convert"),
      });
    }));
});

describe("a converted folder of which only transformers.js' files are left", async () => {
  const [whole, path] = [join(folder, "whole"), join(folder, "stripped")];
  await convert(join(goldens, name), whole, { dtype: "fp32", bakedTokens: 16 });
  await cp(whole, path, { recursive: true });
  stripOwnFiles(path);

  it("answers as the whole folder does at the baked count, and says what it is", async () => {
    const { prompt } = recorded.inputs;
    const ask = async (model: LoadedModel, seen: VisualTokens) =>
      (await model.answer(seen, { prompt }, { maxNewTokens: 16 }).result).tokenIds;
    const expected = await withModel(whole, async (model) => {
      const seen = await model.see(pixels, pruMergePlus({ tokens: 16 }));
      return { embeddings: seen.embeddings, ids: await ask(model, seen) };
    });
    await withModel(path, async (model) => {
      expect(model.notes).toEqual([
        expect.stringMatching(/a reduction to 16 tokens baked in.*prumerge convert/),
      ]);
      expect(model.methods).toEqual([]);
      expect(model.methodSupport).toMatchObject({ baked: "in-graph", none: "no", "prumerge+": "no" });
      const seen = await model.see(pixels);
      expect(seen.statistics).toMatchObject({
        method: "baked",
        options: { tokens: 16 },
        visualTokens: 16,
        unreducedTokens: 64,
        inGraph: true,
      });
      const { rows, columns, data } = seen.embeddings;
      expect([rows, columns]).toEqual([expected.embeddings.rows, expected.embeddings.columns]);
      const difference = Math.max(...data.map((value, i) => Math.abs(value - expected.embeddings.data[i]!)));
      expect(difference).toBeLessThan(1e-4);
      expect(await ask(model, seen)).toEqual(expected.ids);
      expect(await model.see(pixels, model.defaultReducer)).toMatchObject({
        statistics: { method: "baked" },
      });
    });
  });

  it("gives a plan that counts and claims nothing else", () =>
    withModel(path, async (model) => {
      const { plan } = await model.see(pixels);
      expect([planRows(plan), isUnknownPlan(plan)]).toEqual([16, true]);
      expect(() => checkPlan(plan)).not.toThrow();
      for (const use of [densePlan, tracePlan])
        expect(() => use(plan)).toThrow(/which patches were kept is not known.*prumerge convert/);
      expect(() => applyPlan(plan, { rows: 64, columns: 1, data: new Float32Array(64) })).toThrow(
        /not known/,
      );
    }));

  it.each([
    noReduction(),
    pruMergePlus({ tokens: 16 }),
    randomSampling({ tokens: 8 }),
  ])("refuses $method, with its own count", (reducer) =>
    withModel(path, async (model) => {
      await expect(model.see(pixels, reducer)).rejects.toMatchObject({
        code: "INVALID_OPTION",
        message: expect.stringMatching(/always gives 16 visual tokens.*found method.*prumerge convert/),
      });
    }));

  it("keeps its reducer from models that choose themselves", async () => {
    const baked = await withModel(path, async (model) => model.defaultReducer);
    await withModel(whole, async (model) => {
      await expect(model.see(pixels, baked)).rejects.toMatchObject({ code: "INVALID_OPTION" });
    });
  });

  it("refuses an encoder that gives another number than processor_config.json says", async () => {
    const wrong = join(folder, "wrong");
    await cp(path, wrong, { recursive: true });
    changeJson(join(wrong, "processor_config.json"), { num_additional_image_tokens: -40 });
    await withModel(wrong, async (model) => {
      await expect(model.see(pixels)).rejects.toMatchObject({
        code: "INVALID_FILE",
        message: expect.stringMatching(/expected 24.*found 16/),
      });
    });
  });
});

function stripOwnFiles(path: string): void {
  for (const own of ["prumerge.json", "onnx/vision.onnx", "onnx/decoder.onnx", "onnx/projector.onnx"])
    rmSync(join(path, own));
}

function changeJson(path: string, changes: object): void {
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...changes }));
}

/** In place of ours, which is baked at a count of PruMerge+: an encoder as other exporters make them, of all patches. */
function bakeWithoutReduction({ spec: any, path }: ModelFolder): void {
  const spec = squareModel(any);
  const file = new WeightFile<WeightRecipe>("vision_encoder.onnx_data");
  const graph = new GraphBuilder("vision_encoder");
  const { imageSize } = spec.vision;
  const pixels = graph.input(visionEncoder.pixels, "float32", ["batch", 3, imageSize, imageSize]);
  const settings = settingConstants(graph, identitySettings(64));
  const reduce = (inputs: ReductionInputs) => reduceTokens(inputs, settings);
  const weights = new GraphWeights(file, { precision: "float32" });
  graph.output(visionEncoder.features, encodeReduced(pixels, spec, weights, reduce).features);
  writeFileSync(join(path, "onnx", "vision_encoder.onnx"), toBinary(ModelProtoSchema, graph.build()));
  changeJson(join(path, "processor_config.json"), { num_additional_image_tokens: 1 });
}

describe("a tower whose class token is handed on", () => {
  it("is handed on by another exporter's encoder too, and counted", async () => {
    const [source, path] = [join(folder, "plain-full-checkpoint"), join(folder, "plain-full")];
    await cp(join(goldens, name), source, { recursive: true });
    changeJson(join(source, "config.json"), { vision_feature_select_strategy: "full" });
    const converted = await convert(source, path, { dtype: "fp32", bakedTokens: 16 });
    const ask = (model: LoadedModel, seen: VisualTokens) =>
      model.answer(seen, "What is it?", { maxNewTokens: 8, keepLogits: true }).result;
    const whole = await withModel(path, async (model) => {
      const seen = await model.see(pixels, noReduction());
      return { seen, answer: await ask(model, seen) };
    });
    stripOwnFiles(path);
    bakeWithoutReduction(converted);
    await withModel(path, async (model) => {
      const seen = await model.see(pixels, noReduction());
      expect(model.methodSupport).toMatchObject({ none: "in-graph", cover: "planner", "prumerge+": "no" });
      const kept = await model.see(pixels, randomSampling({ tokens: 8 }));
      expect([...kept.embeddings.data.subarray(0, 8)]).toEqual([...seen.embeddings.data.subarray(0, 8)]);
      expect(kept.embeddings.rows).toBe(8);
      expect(seen.statistics).toMatchObject({ visualTokens: 65, unreducedTokens: 65, inGraph: false });
      expect(seen.statistics.unreducedKeyValueBytes).toBe(seen.statistics.keyValueBytes);
      expect(() => checkPlan(seen.plan)).not.toThrow();
      expect(planRows(seen.plan)).toBe(65);
      const answer = await ask(model, seen);
      expect([answer.visualTokens, answer.tokenIds]).toEqual([65, whole.answer.tokenIds]);
      const difference = Math.max(
        ...seen.embeddings.data.map((value, i) => Math.abs(value - whole.seen.embeddings.data[i]!)),
      );
      expect(difference).toBeLessThan(1e-4);
    });
  });

  it("counts that row in every budget, and puts it first", async () => {
    const [source, path] = [join(folder, "full-checkpoint"), join(folder, "full")];
    await cp(join(goldens, name), source, { recursive: true });
    const config = JSON.parse(readFileSync(join(source, "config.json"), "utf8"));
    writeFileSync(
      join(source, "config.json"),
      JSON.stringify({ ...config, vision_feature_select_strategy: "full" }),
    );
    await convert(source, path, { dtype: "fp32", bakedTokens: 16 });
    await withModel(path, async (model) => {
      const whole = await model.see(pixels, noReduction());
      expect(whole.statistics).toMatchObject({ visualTokens: 65, unreducedTokens: 65 });
      const first = whole.embeddings.data.subarray(0, 64);
      for (const reducer of [pruMerge({ tokens: 20 }), randomSampling({ tokens: 20 })]) {
        const seen = await model.see(pixels, reducer);
        expect(seen.statistics.visualTokens).toBe(20);
        expect(seen.plan.keptPatches.length).toBe(20);
        expect(seen.embeddings.data.subarray(0, 64)).toEqual(first);
      }
      await expect(model.see(pixels, pruMerge({ tokens: 1 }))).rejects.toMatchObject({
        code: "INVALID_OPTION",
      });
    });
  });
});
