import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { greatestDifference } from "../../test/support/compare.js";
import { plainPruMerge } from "../../test/support/ort.js";
import { floats, readFixture } from "../../test/support/safetensors.js";
import { tinyLlava, writeGraphs } from "../../test/support/tiny-vision.js";
import { buildProjector } from "../graphs/projector.js";
import { buildVision } from "../graphs/vision.js";
import { buildVisionEncoder } from "../graphs/vision-encoder.js";
import { loadEngine } from "./load-engine.js";

const goldens = fileURLToPath(new URL("../../test/fixtures/goldens/llava/", import.meta.url));
const model = tinyLlava(join(goldens, "tiny-llava-llama"));
const recorded = readFixture(join(goldens, "tiny-llava-llama.tensors.safetensors"));
const pixels = { data: floats(recorded, "pixel_values"), height: 112, width: 112 };
const settings = { ...plainPruMerge, spatial: false };
const reduced = { name: "prumerge", settings };

describe("a vision graph of ours", async () => {
  const folder = writeGraphs(model, {
    "vision.onnx": (weights) => buildVision(model.spec, weights),
    "projector.onnx": (weights) => buildProjector(model.spec, weights),
  });
  const engine = await loadEngine(folder, { worker: false });
  afterAll(() => engine.dispose());

  it("gives the recorded visual tokens, unreduced and reduced", async () => {
    expect(engine.vision).toMatchObject({ kind: "reduces" });
    const whole = await engine.see(pixels, "identity");
    expect([whole.features.rows, whole.features.columns]).toEqual([64, 64]);
    expect(greatestDifference(whole.features.data, floats(recorded, "image_features"))).toBeLessThan(1e-4);
    expect(Object.keys(whole).sort()).toEqual(["features", "keptPatches", "milliseconds"]);

    const few = await engine.see(pixels, reduced, { mergeWeights: true });
    expect([...few.keptPatches]).toEqual([53, 54, 29, 56, 34, 33, 20, 35, 4, 47]);
    expect([few.mergeWeights!.rows, few.mergeWeights!.columns]).toEqual([11, 64]);
    expect(greatestDifference(few.features.data, floats(recorded, "prumerge.projected"))).toBeLessThan(1e-4);
  });

  it("projects patches as the graph does", async () => {
    const seen = await engine.see(pixels, "identity", { patches: true, layers: [-1] });
    const { keys, queries, classAttention } = seen.lastLayer!;
    expect([keys.rows, queries.rows, classAttention!.length]).toEqual([65, 1, 64]);
    const features = await engine.project(seen.patches!);
    expect(greatestDifference(features.data, seen.features.data)).toBeLessThan(1e-5);
    const cut = { ...seen.patches!, columns: 32, rows: 128 };
    await expect(engine.project(cut)).rejects.toMatchObject({ code: "INVALID_TENSOR" });
  });

  it.each([
    ["count", { exact: true, count: 66 }],
    ["count", { exact: true, count: 0 }],
    ["count", { count: 1.5 }],
    ["count", { count: -1 }],
    ["neighbours", { neighbours: 64 }],
    ["neighbours", { neighbours: -1 }],
    ["iqrFactor", { iqrFactor: Number.NaN }],
    ["iqrFactor", { iqrFactor: -1 }],
  ])("refuses a %s out of range: %o", async (where, change) => {
    await expect(
      engine.see(pixels, { ...reduced, settings: { ...settings, ...change } }),
    ).rejects.toMatchObject({
      code: "INVALID_OPTION",
      details: { where },
    });
  });

  it("refuses a reduction that it does not hold, and settings of another kind", async () => {
    await expect(engine.see(pixels, { ...reduced, name: "tome" })).rejects.toThrow(
      /no vision graph holds this reduction; expected prumerge, cover, found tome/,
    );
    const wrong = { ...reduced, settings: { ...settings, spatial: 1 } };
    await expect(engine.see(pixels, wrong)).rejects.toMatchObject({ details: { where: "settings.spatial" } });
  });

  it("hands back what was asked for, and nothing else", async () => {
    const bare = await engine.see(pixels, reduced);
    expect(Object.keys(bare).sort()).toEqual(["features", "keptPatches", "milliseconds"]);
    const patches = await engine.see(pixels, reduced, { patches: true });
    expect(Object.keys(patches).sort()).toEqual(["features", "keptPatches", "milliseconds", "patches"]);
  });

  it("shows layers before the last and the class token where they are asked for, and changes nothing else", async () => {
    const layers = writeGraphs(model, {
      "vision.onnx": (weights) => buildVision(model.spec, weights, { layers: [-2, -9] }),
    });
    const showing = await loadEngine(layers, { worker: true });
    const want = { patches: true, layers: [-1] };
    const plain = await engine.see(pixels, "identity", want);
    const more = await showing.see(pixels, "identity", { ...want, layers: [-2, -1], classFeatures: true });
    const { keys, queries } = more.layers![-2]!;
    expect([keys.rows, keys.columns, queries.rows, queries.columns]).toEqual([65, 64, 65, 64]);
    expect(keys.data).not.toEqual(more.lastLayer!.keys.data);
    const own = await engine.see(pixels, "identity", { classFeatures: true });
    expect(more.classFeatures).toEqual(own.classFeatures);
    expect([own.classFeatures!.rows, own.classFeatures!.columns]).toEqual([1, 64]);
    for (const name of ["features", "patches", "lastLayer"] as const) expect(more[name]).toEqual(plain[name]);
    expect(Object.keys(plain)).not.toContain("layers");
    const every = await showing.see(pixels, "identity", { patches: true, everyLayer: true });
    expect({ ...every, milliseconds: 0 }).toEqual({ ...more, milliseconds: 0 });
    expect(Object.keys((await engine.see(pixels, "identity", { everyLayer: true })).layers ?? {})).toEqual(
      [],
    );
    await expect(showing.see(pixels, "identity", { layers: [-9] })).rejects.toThrow(/keys\.-9, queries\.-9/);
    await showing.dispose();
  });

  it("shows the class token that a model of the strategy full hands on", async () => {
    const spec = { ...model.spec, selectStrategy: "full" as const };
    const folder = writeGraphs(model, { "vision.onnx": (weights) => buildVision(spec, weights) });
    const full = await loadEngine(folder, { worker: false });
    const { features, classFeatures } = await full.see(pixels, "identity", { classFeatures: true });
    const first = features.data.subarray(0, features.columns);
    expect(greatestDifference((await engine.project(classFeatures!)).data, first)).toBeLessThan(1e-5);
    await full.dispose();
  });

  it("refuses a layer that its graph does not show, and says to convert again", async () => {
    await expect(engine.see(pixels, "identity", { layers: [-1, -2] })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      details: {
        expected: "outputs keys.-2, queries.-2",
        help: expect.stringContaining("Convert the checkpoint again"),
      },
    });
  });

  it("refuses pixels of another size, and such as are no numbers", async () => {
    const small = { data: new Float32Array(3 * 14 * 14), height: 14, width: 14 };
    const flat = { ...pixels, height: 56, width: 224 };
    const empty = { data: new Float32Array(0), height: 0, width: 0 };
    const short = { ...pixels, data: pixels.data.subarray(1) };
    for (const bad of [short, small, flat, empty]) {
      await expect(engine.see(bad, reduced)).rejects.toMatchObject({ code: "INVALID_TENSOR" });
    }
    const broken = { ...pixels, data: pixels.data.slice() };
    broken.data[100] = Number.POSITIVE_INFINITY;
    await expect(engine.see(broken, reduced)).rejects.toMatchObject({
      code: "INVALID_TENSOR",
      details: { found: "Infinity at 100" },
    });
  });
});

describe("an encoder of the common form", async () => {
  const folder = writeGraphs(model, {
    "vision_encoder.onnx": (weights) => buildVisionEncoder(model.spec, weights, { tokens: 16 }),
  });
  mkdirSync(join(folder, "onnx"));
  for (const name of ["vision_encoder.onnx", "weights.onnx_data"]) {
    renameSync(join(folder, name), join(folder, "onnx", name));
  }
  const engine = await loadEngine(folder, { worker: false });
  afterAll(() => engine.dispose());

  it("encodes, and says that it cannot reduce", async () => {
    expect(engine.vision).toEqual({ kind: "encodes" });
    const { features, keptPatches } = await engine.see(pixels, "identity");
    expect([features.rows, features.columns, keptPatches.length]).toEqual([16, 64, 16]);
    for (const refused of [
      engine.see(pixels, reduced),
      engine.see(pixels, "identity", { mergeWeights: true }),
      engine.see(pixels, "identity", { patches: true }),
      engine.see(pixels, "identity", { layers: [-1] }),
      engine.see(pixels, "identity", { newline: true }),
      engine.project({ rows: 1, columns: 64, data: new Float32Array(64) }),
    ]) {
      await expect(refused).rejects.toMatchObject({ code: "INVALID_OPTION" });
    }
  });
});
