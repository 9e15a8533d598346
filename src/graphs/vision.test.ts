import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  floatTensor,
  identity,
  openModel,
  plainPruMerge,
  type Result,
  run,
  settingFeeds,
} from "../../test/support/ort.js";
import { type FixtureTensor, floats, readFixture } from "../../test/support/safetensors.js";
import { tinyLlava, writeGraphs } from "../../test/support/tiny-vision.js";
import type { GraphSettings } from "../reduce/reducer.js";
import { visionInputs, visionOutputs } from "./contract.js";
import { buildVision } from "./vision.js";

const goldens = fileURLToPath(new URL("../../test/fixtures/goldens", import.meta.url));

interface ReducedCase {
  readonly name: string;
  readonly expected: { readonly kept_indices: readonly [readonly number[]]; readonly projected: string };
}

/** Largest absolute difference. */
function distance(actual: Result, expected: ArrayLike<number>): number {
  expect(actual.data.length).toBe(expected.length);
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(actual.data[i]! - expected[i]!));
  }
  return largest;
}

describe.each(["tiny-llava-llama", "tiny-llava-gqa-tied", "tiny-llava-siglip-qwen2"])("%s", (name) => {
  const model = tinyLlava(join(goldens, "llava", name));
  const folder = writeGraphs(model, { "vision.onnx": (weights) => buildVision(model.spec, weights) });
  const recorded = readFixture(join(goldens, "llava", `${name}.tensors.safetensors`));
  const pixels = recorded.get("pixel_values") as FixtureTensor;
  const session = openModel(join(folder, "vision.onnx"));
  const see = async (settings: GraphSettings) =>
    run(await session, {
      ...settingFeeds(settings),
      [visionInputs.pixels]: floatTensor(pixels.data as Float32Array, pixels.shape),
    });

  test("the unreduced model's features", async () => {
    const patches = 64;
    const seen = await see(identity(patches));
    expect(distance(seen[visionOutputs.features]!, floats(recorded, "image_features"))).toBeLessThan(1e-4);
    expect(seen[visionOutputs.keptPatches]!.data).toEqual(Array.from({ length: patches }, (_, i) => i));
    const hidden = floats(recorded, "vision_hidden_selected");
    const from = model.spec.vision.classToken ? model.spec.vision.hiddenSize : 0;
    expect(distance(seen[visionOutputs.patches]!, hidden.subarray(from))).toBeLessThan(1e-4);
  });

  const manifest = JSON.parse(readFileSync(join(goldens, "llava", "manifest.json"), "utf8"));
  const reduced: ReducedCase[] = manifest.cases.filter((entry: ReducedCase) =>
    new RegExp(`^${name}-prumerge(-plus)?$`).test(entry.name),
  );
  test.each(reduced)("$name", async ({ name: title, expected }) => {
    const seen = await see({ ...plainPruMerge, spatial: title.endsWith("-plus") });
    expect(seen[visionOutputs.keptPatches]!.data).toEqual(expected.kept_indices[0]);
    expect(distance(seen[visionOutputs.features]!, floats(recorded, expected.projected))).toBeLessThan(1e-4);
  });
});
