import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { greatestDifference } from "../../test/support/compare.js";
import { floatTensor, openModel, plainPruMerge, run, settingFeeds } from "../../test/support/ort.js";
import { refusal } from "../../test/support/refusal.js";
import { floats, readFixture } from "../../test/support/safetensors.js";
import { tinyLlava, writeGraphs } from "../../test/support/tiny-vision.js";
import type { SquareModelSpec } from "../models/spec.js";
import { describeModel, readModel } from "../onnx/index.js";
import { visionEncoder, visionInputs, visionOutputs } from "./contract.js";
import { buildVision } from "./vision.js";
import { buildVisionEncoder } from "./vision-encoder.js";

const goldens = fileURLToPath(new URL("../../test/fixtures/goldens/llava/", import.meta.url));

describe.each([
  ["tiny-llava-llama", "default", 20],
  ["tiny-llava-llama", "full", 20],
  ["tiny-llava-llama", "default", 1],
  ["tiny-llava-llama", "default", 65],
  ["tiny-llava-siglip-qwen2", "full", 33],
] as const)("%s, %s, baked at %i tokens", async (name, selectStrategy, tokens) => {
  const model = tinyLlava(join(goldens, name));
  const spec: SquareModelSpec = { ...model.spec, selectStrategy };
  const folder = writeGraphs(model, {
    "vision.onnx": (weights) => buildVision(spec, weights),
    "vision_encoder.onnx": (weights) => buildVisionEncoder(spec, weights, { tokens }),
  });
  const session = await openModel(join(folder, "vision_encoder.onnx"));
  const reference = await openModel(join(folder, "vision.onnx"));
  const picture = floats(readFixture(join(goldens, `${name}.tensors.safetensors`)), "pixel_values");
  const { imageSize } = spec.vision;
  const width = spec.language.hiddenSize;
  const encode = async (...pictures: Float32Array[]) => {
    const pixels = Float32Array.from(pictures.flatMap((pixel) => [...pixel]));
    const result = await run(session, {
      [visionEncoder.pixels]: floatTensor(pixels, [pictures.length, 3, imageSize, imageSize]),
    });
    return result[visionEncoder.features]!;
  };

  test("takes pixels alone and says its sizes", async () => {
    const { inputs, outputs } = describeModel(await readModel(join(folder, "vision_encoder.onnx")));
    expect(inputs).toEqual([
      { name: "pixel_values", type: "float", shape: ["batch", 3, imageSize, imageSize] },
    ]);
    expect(outputs).toEqual([{ name: "image_features", type: "float", shape: ["batch", tokens, width] }]);
  });

  test("each picture of a batch as exact PruMerge+ gives it alone", async () => {
    const pictures = [
      picture.map((value) => -value),
      picture,
      picture.map((value, i) => value * Math.sin(i)),
    ];
    const features = await encode(...pictures);
    expect(features.dims).toEqual([3, tokens, width]);
    const extra = spec.vision.classToken && selectStrategy === "full" ? 1 : 0;
    for (const [index, pixels] of pictures.entries()) {
      const seen = await run(reference, {
        ...settingFeeds({ ...plainPruMerge, exact: true, spatial: true, count: tokens - extra }),
        [visionInputs.pixels]: floatTensor(pixels, [1, 3, imageSize, imageSize]),
      });
      const alone = seen[visionOutputs.features]!;
      expect(alone.dims).toEqual([tokens, width]);
      const size = tokens * width;
      const ours = (features.data as Float32Array).subarray(index * size, (index + 1) * size);
      expect(greatestDifference(ours, alone.data as Float32Array)).toBeLessThan(1e-5);
    }
  });
});

test.each([0, 66, 2.5, Number.NaN])("%d tokens are refused", async (tokens) => {
  const model = tinyLlava(join(goldens, "tiny-llava-llama"));
  const error = await refusal("INVALID_OPTION", () =>
    writeGraphs(model, { "e.onnx": (weights) => buildVisionEncoder(model.spec, weights, { tokens }) }),
  );
  expect(error.message).toMatch(/^tokens: .*expected 1 \.\. 65/);
});

test("both forms of the graph share one weight file, without a byte more", async () => {
  const model = tinyLlava(join(goldens, "tiny-llava-llama"));
  const sizes = async (graphs: Parameters<typeof writeGraphs>[1]) => {
    const { statSync } = await import("node:fs");
    return statSync(join(writeGraphs(model, graphs), "weights.onnx_data")).size;
  };
  const vision = (weights: Parameters<typeof buildVision>[1]) => buildVision(model.spec, weights);
  const encoder = (weights: Parameters<typeof buildVision>[1]) =>
    buildVisionEncoder(model.spec, weights, { tokens: 16 });
  expect(await sizes({ "a.onnx": vision, "b.onnx": encoder })).toBe(await sizes({ "a.onnx": vision }));
});
