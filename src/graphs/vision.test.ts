import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { correlation, greatestDifference } from "../../test/support/compare.js";
import { matrix } from "../../test/support/in-graph-reduction.js";
import {
  floatTensor,
  identity,
  openModel,
  plainPruMerge,
  type Result,
  run,
  settingFeeds,
} from "../../test/support/ort.js";
import { floats, readFixture } from "../../test/support/safetensors.js";
import { type TinyVision, tinyLlava, tinyTower, writeGraphs } from "../../test/support/tiny-vision.js";
import type { PruMergeSettings } from "../reduce/prumerge-settings.js";
import type { Matrix } from "../tensor/matrix.js";
import { projector, visionInputs, visionOutputs } from "./contract.js";
import { buildProjector } from "./projector.js";
import { buildVision } from "./vision.js";
import type { GraphWeights, Precision } from "./weights.js";

const fixtures = fileURLToPath(new URL("../../test/fixtures/", import.meta.url));
const goldens = join(fixtures, "goldens");
const towers = readFixture(join(fixtures, "vision/towers.safetensors"));
const count = (length: number) => Array.from({ length }, (_, index) => index);
const numbers = (result: Result | undefined) => result!.data as Float32Array;

/** A vision graph ready to look at one picture. */
async function openVision(model: TinyVision, pixels: Float32Array, precision: Precision = "float32") {
  const graphs = {
    "vision.onnx": (weights: GraphWeights) => buildVision(model.spec, weights),
    "projector.onnx": (weights: GraphWeights) => buildProjector(model.spec, weights),
  };
  const folder = writeGraphs(model, graphs, precision);
  const session = await openModel(join(folder, "vision.onnx"));
  const { imageSize } = model.spec.vision;
  const see = (settings: PruMergeSettings) =>
    run(session, {
      ...settingFeeds(settings),
      [visionInputs.pixels]: floatTensor(pixels, [1, 3, imageSize, imageSize]),
    });
  return { see, folder };
}

interface LlavaCase {
  readonly name: string;
  readonly expected: {
    readonly kept_indices: readonly [readonly number[]];
    readonly projected: string;
    readonly merged: string;
  };
}

describe.each(["tiny-llava-llama", "tiny-llava-gqa-tied", "tiny-llava-siglip-qwen2"])("%s", async (name) => {
  const model = tinyLlava(join(goldens, "llava", name));
  const recorded = readFixture(join(goldens, "llava", `${name}.tensors.safetensors`));
  const { see, folder } = await openVision(model, floats(recorded, "pixel_values"));

  test("the unreduced model's features", async () => {
    const seen = await see(identity(64));
    const features = seen[visionOutputs.features]!;
    expect(features.dims).toEqual([64, model.spec.language.hiddenSize]);
    expect(greatestDifference(numbers(features), floats(recorded, "image_features"))).toBeLessThan(1e-4);
    expect(seen[visionOutputs.keptPatches]!.data).toEqual(count(64));
  });

  const { cases }: { cases: LlavaCase[] } = JSON.parse(
    readFileSync(join(goldens, "llava", "manifest.json"), "utf8"),
  );
  const reduced = cases.filter((entry) => new RegExp(`^${name}-prumerge(-plus)?$`).test(entry.name));
  test.each(reduced)("$name", async ({ name: title, expected }) => {
    const seen = await see({ ...plainPruMerge, spatial: title.endsWith("-plus") });
    expect(seen[visionOutputs.keptPatches]!.data).toEqual(expected.kept_indices[0]);
    const features = numbers(seen[visionOutputs.features]);
    expect(greatestDifference(features, floats(recorded, expected.projected))).toBeLessThan(1e-4);
  });

  test("the projector alone", async () => {
    const merged = cases.filter(
      (entry) => entry.name.startsWith(name) && entry.expected.merged !== undefined,
    );
    const session = await openModel(join(folder, "projector.onnx"));
    let tried = 0;
    for (const { expected } of merged.filter((entry) => recorded.has(entry.expected.merged))) {
      const tokens = recorded.get(expected.merged)!;
      const result = await run(session, {
        [projector.tokens]: floatTensor(tokens.data as Float32Array, tokens.shape),
      });
      const features = numbers(result[projector.features]);
      expect(greatestDifference(features, floats(recorded, expected.projected))).toBeLessThan(1e-4);
      tried++;
    }
    expect(tried).toBe(2);
  });
});

describe("feature layers and strategies, unreduced, as transformers has them", () => {
  const clip = tinyLlava(join(goldens, "llava/tiny-llava-llama"));
  const siglip = tinyLlava(join(goldens, "llava/tiny-llava-siglip-qwen2"));
  const variations = [
    { name: "tiny-llava-llama", model: clip, layer: -1, strategy: "default", rows: 64 },
    { name: "tiny-llava-llama", model: clip, layer: -1, strategy: "full", rows: 65 },
    { name: "tiny-llava-llama", model: clip, layer: -2, strategy: "full", rows: 65 },
    { name: "tiny-llava-siglip-qwen2", model: siglip, layer: -2, strategy: "full", rows: 64 },
  ] as const;
  test.each(variations)("$name $layer $strategy", async ({ name, model, layer, strategy, rows }) => {
    const spec = {
      ...model.spec,
      featureLayer: model.spec.vision.layers + 1 + layer,
      selectStrategy: strategy,
    };
    const recorded = readFixture(join(goldens, "llava", `${name}.tensors.safetensors`));
    const { see } = await openVision({ ...model, spec }, floats(recorded, "pixel_values"));
    const features = (await see(identity(64)))[visionOutputs.features]!;
    expect(features.dims[0]).toBe(rows);
    const expected = floats(towers, `${name}.features.${layer}.${strategy}`);
    expect(greatestDifference(numbers(features), expected)).toBeLessThan(1e-4);
  });

  test("where the class token is a visual token, it stays first when patches are reduced", async () => {
    const spec = { ...clip.spec, selectStrategy: "full" as const };
    const recorded = readFixture(join(goldens, "llava/tiny-llava-llama.tensors.safetensors"));
    const { see } = await openVision({ ...clip, spec }, floats(recorded, "pixel_values"));
    const seen = await see(plainPruMerge);
    const width = clip.spec.language.hiddenSize;
    const features = numbers(seen[visionOutputs.features]);
    const classRow = floats(towers, "tiny-llava-llama.features.-2.full").subarray(0, width);
    expect(greatestDifference(features.subarray(0, width), classRow)).toBeLessThan(1e-4);
    const rest = floats(recorded, "prumerge.projected");
    expect(greatestDifference(features.subarray(width), rest)).toBeLessThan(1e-4);
  });
});

test.each([
  ["float16", 0.99999],
  ["q8", 0.999],
  ["q4", 0.9],
] as const)("weights stored as %s give features that correlate above %f", async (precision, least) => {
  const model = tinyLlava(join(goldens, "llava/tiny-llava-gqa-tied"));
  const recorded = readFixture(join(goldens, "llava/tiny-llava-gqa-tied.tensors.safetensors"));
  const { see } = await openVision(model, floats(recorded, "pixel_values"), precision);
  const features = numbers((await see(identity(64)))[visionOutputs.features]);
  expect(correlation(features, floats(recorded, "image_features"))).toBeGreaterThan(least);
  expect(greatestDifference(features, floats(recorded, "image_features"))).toBeGreaterThan(1e-5);
});

interface TowerCase {
  readonly name: string;
  readonly parameters: { readonly N: number; readonly if_adaptive: boolean };
  readonly inputs: { readonly file: string; readonly model: string };
  readonly expected_file: string;
  readonly expected: {
    readonly attn: string;
    readonly out: string;
    readonly kept_indices: readonly [readonly number[]];
    readonly tokens_out: number;
    readonly duplicates_in_kept: number;
  };
  readonly margins: { readonly neighbour_cos_gap_min: number };
}

describe("recorded PruMerge runs of whole towers", async () => {
  const folder = join(goldens, "prumerge");
  const manifest: { cases: TowerCase[] } = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  const cases = manifest.cases.filter(
    ({ inputs, expected }) => inputs.model && expected.out && expected.duplicates_in_kept === 0,
  );

  test("there are some", () => expect(cases.length).toBe(8));

  test.each(cases)("$name", async ({ name, parameters, inputs, expected, expected_file }) => {
    const model = tinyTower(join(folder, inputs.model));
    const given = readFixture(join(folder, inputs.file));
    const recorded = readFixture(join(folder, expected_file));
    const { see } = await openVision(model, floats(given, "pixel_values"));
    const fixed = !parameters.if_adaptive;
    const seen = await see({
      ...plainPruMerge,
      spatial: name.includes("-plus"),
      exact: fixed,
      count: fixed ? expected.tokens_out : 0,
    });
    const width = model.spec.vision.hiddenSize;
    const without = (tensor: string) => floats(given, tensor).subarray(width);
    const [patches, keys, queries] = [visionOutputs.patches, visionOutputs.keys, visionOutputs.queries];
    expect(greatestDifference(numbers(seen[patches]), without("hidden_states_minus2"))).toBeLessThan(1e-4);
    expect(greatestDifference(numbers(seen[keys]), floats(given, "k_last"))).toBeLessThan(1e-4);
    const query = floats(given, "q_last").subarray(0, width);
    expect(greatestDifference(numbers(seen[queries]), query)).toBeLessThan(1e-4);
    const attention = floats(recorded, expected.attn);
    const ours = numbers(seen[visionOutputs.classAttention]);
    expect(attention.every((a, i) => Math.abs(ours[i]! / a - 1) < 1e-4)).toBe(true);
    expect(seen[visionOutputs.keptPatches]!.data).toEqual(expected.kept_indices[0]);
    const tokens = product(matrix(seen[visionOutputs.mergeWeights]!), matrix(seen[patches]!));
    const out = floats(recorded, expected.out);
    const scale = out.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(greatestDifference(tokens, out)).toBeLessThan(1e-4 * scale);
  });
});

test("a SigLIP tower of 26 layers: last hidden state and mean attention", async () => {
  const folder = join(fixtures, "siglip");
  const model = tinyTower(join(folder, "em729a-model"));
  const spec = { ...model.spec, featureLayer: 26, selectStrategy: "full" as const };
  const given = readFixture(join(folder, "em729a.inputs.safetensors"));
  const recorded = readFixture(join(folder, "em729a.expected.safetensors"));
  const { see } = await openVision({ ...model, spec }, floats(given, "pixel_values"));
  const seen = await see(plainPruMerge);
  const hidden = numbers(seen[visionOutputs.patches]);
  expect(greatestDifference(hidden, floats(given, "hidden_states_last"))).toBeLessThan(1e-4);
  const score = numbers(seen[visionOutputs.classAttention]);
  const expected = floats(recorded, "em729a-b0.05.score");
  expect(expected.every((a, i) => Math.abs(score[i]! / a - 1) < 1e-4)).toBe(true);
});

function product(weights: Matrix, tokens: Matrix): Float32Array {
  const result = new Float32Array(weights.rows * tokens.columns);
  for (let row = 0; row < weights.rows; row++) {
    for (let patch = 0; patch < tokens.rows; patch++) {
      const weight = weights.data[row * tokens.rows + patch]!;
      if (weight === 0) continue;
      for (let c = 0; c < tokens.columns; c++) {
        result[row * tokens.columns + c]! += weight * tokens.data[patch * tokens.columns + c]!;
      }
    }
  }
  return result;
}
