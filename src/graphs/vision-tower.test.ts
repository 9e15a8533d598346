import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { greatestDifference } from "../../test/support/compare.js";
import { floatTensor, openModel, type Result, run } from "../../test/support/ort.js";
import { refusal } from "../../test/support/refusal.js";
import { floats, readFixture } from "../../test/support/safetensors.js";
import { type TinyVision, tinyLlava, tinyTower, writeGraphs } from "../../test/support/tiny-vision.js";
import { GraphBuilder } from "../onnx/builder.js";
import { squeeze } from "../onnx/ops/index.js";
import type { ModelProto } from "../onnx/schema/onnx_pb.js";
import { visionTower } from "./vision-tower.js";
import type { GraphWeights, Precision } from "./weights.js";

const fixtures = fileURLToPath(new URL("../../test/fixtures/", import.meta.url));
const recorded = readFixture(join(fixtures, "vision/towers.safetensors"));

/** The tower alone, as a graph of its own. */
function towerGraph({ spec }: TinyVision, featureLayer: number, batch: number | string = 1) {
  return (weights: GraphWeights) => {
    const graph = new GraphBuilder("tower");
    const { imageSize } = spec.vision;
    const pixels = graph.input("pixels", "float32", [batch, 3, imageSize, imageSize]);
    const outputs = visionTower(pixels, { vision: spec.vision, weights }, featureLayer);
    const shown = (value: typeof outputs.hidden) => (batch === 1 ? squeeze(value, 0) : value);
    graph.output("hidden", shown(outputs.hidden));
    graph.output("queries", shown(outputs.queries));
    graph.output("keys", shown(outputs.keys));
    return graph.build();
  };
}

const numbers = (result: Result | undefined) => result!.data as Float32Array;

describe.each(["tiny-llava-llama", "tiny-llava-gqa-tied", "tiny-llava-siglip-qwen2"])("%s", (name) => {
  const model = tinyLlava(join(fixtures, "goldens/llava", name));
  const { imageSize, layers, classToken, hiddenSize } = model.spec.vision;
  const picture = floats(
    readFixture(join(fixtures, "goldens/llava", `${name}.tensors.safetensors`)),
    "pixel_values",
  );
  const encode = async (featureLayer: number, precision: Precision = "float32") => {
    const folder = writeGraphs(model, { "tower.onnx": towerGraph(model, featureLayer) }, precision);
    const session = await openModel(join(folder, "tower.onnx"));
    return run(session, { pixels: floatTensor(picture, [1, 3, imageSize, imageSize]) });
  };
  const allLayers = Array.from({ length: layers + 1 }, (_, layer) => layer);

  test.each(allLayers)("hidden state %i, with the last layer's queries and keys", async (layer) => {
    const { hidden, queries, keys } = await encode(layer);
    expect(greatestDifference(numbers(hidden), floats(recorded, `${name}.hidden.${layer}`))).toBeLessThan(
      1e-4,
    );
    expect(greatestDifference(numbers(keys), floats(recorded, `${name}.keys`))).toBeLessThan(1e-4);
    const expected = floats(recorded, `${name}.queries`).subarray(0, classToken ? hiddenSize : undefined);
    expect(greatestDifference(numbers(queries), expected)).toBeLessThan(1e-4);
  });

  test("float16 weights lose what float16 loses", async () => {
    const { hidden } = await encode(layers - 1, "float16");
    const error = greatestDifference(numbers(hidden), floats(recorded, `${name}.hidden.${layers - 1}`));
    expect(error).toBeGreaterThan(1e-5);
    expect(error).toBeLessThan(2e-2);
  });

  test("pictures of a batch do not see each other", async () => {
    const folder = writeGraphs(model, { "tower.onnx": towerGraph(model, layers - 1, "batch") });
    const session = await openModel(join(folder, "tower.onnx"));
    const other = picture.map((value) => -value);
    const pixels = (parts: Float32Array[]) =>
      floatTensor(Float32Array.from(parts.flatMap((part) => [...part])), [
        parts.length,
        3,
        imageSize,
        imageSize,
      ]);
    const both = await run(session, { pixels: pixels([other, picture]) });
    const alone = await run(session, { pixels: pixels([other]) });
    const first = numbers(both.hidden).subarray(0, numbers(alone.hidden).length);
    expect(greatestDifference(first, numbers(alone.hidden))).toBeLessThan(1e-5);
    const second = numbers(both.hidden).subarray(numbers(alone.hidden).length);
    expect(greatestDifference(second, floats(recorded, `${name}.hidden.${layers - 1}`))).toBeLessThan(1e-4);
  });
});

test.each(["tiny-llava-llama", "tiny-llava-siglip-qwen2"])("%s: layers before the last", async (name) => {
  const model = tinyLlava(join(fixtures, "goldens/llava", name));
  const { imageSize, layers, classToken, hiddenSize } = model.spec.vision;
  const recordedPixels = readFixture(join(fixtures, "goldens/llava", `${name}.tensors.safetensors`));
  const pixels = floatTensor(floats(recordedPixels, "pixel_values"), [1, 3, imageSize, imageSize]);
  const encode = async (build: (weights: GraphWeights) => ModelProto) => {
    const session = await openModel(join(writeGraphs(model, { "tower.onnx": build }), "tower.onnx"));
    return run(session, { pixels });
  };
  // A layer's queries and keys are those of the last one, recorded above, of a tower that ends with it.
  const shorter = { ...model, spec: { ...model.spec, vision: { ...model.spec.vision, layers: layers - 1 } } };
  const cut = await encode(towerGraph(shorter, 0));
  const shown = await encode((weights) => {
    const graph = new GraphBuilder("tower");
    const input = graph.input("pixels", "float32", [1, 3, imageSize, imageSize]);
    const tower = visionTower(input, { vision: model.spec.vision, weights }, layers - 1, [
      -2,
      -layers,
      -layers - 1,
    ]);
    expect([...tower.layers.keys()]).toEqual([-layers, -2]); // what it has, and no more
    const { keys, queries } = tower.layers.get(-2)!;
    graph.output("keys", squeeze(keys, 0));
    graph.output("queries", squeeze(queries, 0));
    return graph.build();
  });
  expect(greatestDifference(numbers(shown.keys), numbers(cut.keys))).toBeLessThan(1e-5);
  const first = numbers(shown.queries).subarray(0, classToken ? hiddenSize : undefined);
  expect(greatestDifference(first, numbers(cut.queries))).toBeLessThan(1e-5);
  expect(shown.queries!.dims).toEqual(shown.keys!.dims);
});

test.each(["odd-clip", "odd-siglip"])("%s: pictures that are no multiple of the patch", async (name) => {
  const folder = join(fixtures, "vision", name);
  const model = tinyTower(folder);
  const given = readFixture(join(folder, "recorded.safetensors"));
  for (const layer of [0, 1, 2]) {
    const written = writeGraphs(model, { "tower.onnx": towerGraph(model, layer) });
    const session = await openModel(join(written, "tower.onnx"));
    const { hidden } = await run(session, {
      pixels: floatTensor(floats(given, "pixel_values"), [1, 3, 31, 31]),
    });
    const expected = floats(given, `hidden.${layer}`);
    const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    expect(greatestDifference(numbers(hidden), expected)).toBeLessThan(1e-5 * scale);
  }
});

test("a feature layer that the tower has not is refused", async () => {
  const model = tinyLlava(join(fixtures, "goldens/llava/tiny-llava-llama"));
  for (const layer of [-1, 5, 1.5]) {
    const error = await refusal("UNSUPPORTED_MODEL", () =>
      writeGraphs(model, { "tower.onnx": towerGraph(model, layer) }),
    );
    expect(error.message).toContain(`expected 0 .. 4, found ${layer}`);
  }
});

test("pictures of another size are refused", async () => {
  const model = tinyLlava(join(fixtures, "goldens/llava/tiny-llava-llama"));
  await refusal("INVALID_TENSOR", () =>
    writeGraphs(model, {
      "tower.onnx": (weights) => {
        const graph = new GraphBuilder("tower");
        visionTower(
          graph.input("pixels", "float32", [1, 3, 112, 98]),
          { vision: model.spec.vision, weights },
          3,
        );
        return graph.build();
      },
    }),
  );
});
