import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LoadedModel, loadModel } from "prumerge";
import { noReduction } from "prumerge/reduce";
import { afterAll, describe, expect, it } from "vitest";
import {
  changeGraph,
  type ExportedModel,
  exportedFolder,
  inHalves,
  rename,
} from "../support/exported-folder.js";

const goldens = fileURLToPath(new URL("../fixtures/goldens/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "prumerge-exported-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pictures = {
  idefics3: join(goldens, "smolvlm/tiny-idefics3.c.png"),
  smolvlm: join(goldens, "smolvlm/tiny-smolvlm.b.png"),
  "qwen2-vl": join(goldens, "qwen2_vl/tiny-qwen2vl.one.png"),
  "llava-onevision": join(goldens, "llava_onevision/tiny-ov-qwen2-b.png"),
} as const;
let made = 0;
const fresh = (name: ExportedModel) => exportedFolder(name, join(folder, `${name}-${made++}`));

async function ask(path: string, name: ExportedModel) {
  const model: LoadedModel = await loadModel(path);
  try {
    const seen = await model.see(pictures[name], noReduction(), { views: "base" });
    const answer = await model.answer(seen, "What is it?", { maxNewTokens: 4, keepLogits: true }).result;
    return { seen, logits: answer.logits![0]! };
  } finally {
    await model.dispose();
  }
}

const change = (path: string, file: string, changes: object) => {
  const at = join(path, file);
  writeFileSync(at, JSON.stringify({ ...JSON.parse(readFileSync(at, "utf8")), ...changes }));
};

describe("graphs that another program exported", () => {
  it.each(["idefics3", "qwen2-vl"] as const)("may be of float16 at every edge (%s)", async (name) => {
    const path = fresh(name);
    const whole = await ask(path, name);
    for (const graph of ["vision_encoder", "embed_tokens", "decoder_model_merged"])
      changeGraph(path, graph, inHalves);
    const halves = await ask(path, name);
    const apart = Math.max(...halves.logits.map((value, at) => Math.abs(value - whole.logits[at]!)));
    expect(apart).toBeGreaterThan(0);
    expect(apart).toBeLessThan(0.05);
  }, 30_000);

  it("may call the grid as later generations of Qwen-VL do, and leave out a mask that hides nothing", async () => {
    const qwen = fresh("qwen2-vl");
    const expected = await ask(qwen, "qwen2-vl");
    changeGraph(qwen, "vision_encoder", (model) => rename(model, "grid_thw", "image_grid_thw"));
    expect((await ask(qwen, "qwen2-vl")).logits).toEqual(expected.logits);
    const smol = fresh("idefics3");
    const masked = await ask(smol, "idefics3");
    changeGraph(smol, "vision_encoder", (model) => {
      // As if the exporter had traced it with a mask of ones.
      const graph = model.graph!;
      graph.input = graph.input.filter(({ name }) => name !== "pixel_attention_mask");
      const reshaped = graph.node.find(({ input }) => input.includes("pixel_attention_mask"))!;
      const cast = graph.node.findIndex(({ input }) => input.includes("pixel_values"));
      expect([reshaped, cast].every((found) => found !== undefined && found !== -1)).toBe(true);
      const side = 64;
      graph.initializer.push({
        ...graph.initializer[0]!,
        name: "pixel_attention_mask",
        dims: [1n, 1n, BigInt(side), BigInt(side)],
        dataType: 9,
        floatData: [],
        int64Data: [],
        rawData: new Uint8Array(side * side).fill(1),
      });
    });
    expect((await ask(smol, "idefics3")).logits).toEqual(masked.logits);
  }, 30_000);

  const refusals: [string, ExportedModel, (path: string) => void, string, RegExp][] = [
    [
      "an encoder without the grid",
      "qwen2-vl",
      (path) => changeGraph(path, "vision_encoder", (model) => rename(model, "grid_thw", "sizes")),
      "UNSUPPORTED_MODEL",
      /vision_encoder\.onnx: a vision encoder of an unknown form; expected input grid_thw or image_grid_thw, found pixel_values, sizes/,
    ],
    [
      "an encoder that takes more",
      "llava-onevision",
      (path) =>
        changeGraph(
          path,
          "vision_encoder",
          (model) => void model.graph!.input.push({ ...model.graph!.input[0]!, name: "noise" }),
        ),
      "UNSUPPORTED_MODEL",
      /unknown form; expected pixel_values, found pixel_values, noise/,
    ],
    [
      "an encoder of another size",
      "llava-onevision",
      (path) =>
        change(path, "config.json", {
          vision_config: {
            ...JSON.parse(readFileSync(join(path, "config.json"), "utf8")).vision_config,
            image_size: 59,
          },
        }),
      "INVALID_FILE",
      /disagree about the picture's size; expected 59 pixels, found 52 pixels/,
    ],
    [
      "an encoder whose rows bear another name",
      "idefics3",
      (path) => changeGraph(path, "vision_encoder", (model) => rename(model, "image_features", "features")),
      "UNSUPPORTED_MODEL",
      /vision_encoder\.onnx: .*lacks an input or output.*expected image_features, found features/,
    ],
    [
      "a decoder that takes what is not known",
      "qwen2-vl",
      (path) =>
        changeGraph(path, "decoder_model_merged", (model) =>
          rename(model, "attention_mask", "deepstack_features_0"),
        ),
      "UNSUPPORTED_MODEL",
      /decoder graph of an unknown form.*found input deepstack_features_0/,
    ],
    [
      "a folder without rows of words",
      "smolvlm",
      (path) => rmSync(join(path, "onnx/embed_tokens.onnx")),
      "NOT_FOUND",
      /expected onnx\/embed_tokens\*\.onnx/,
    ],
    [
      "a folder without an encoder",
      "smolvlm",
      (path) => rmSync(join(path, "onnx/vision_encoder.onnx")),
      "UNSUPPORTED_MODEL",
      /graphs without onnx\/vision_encoder\*\.onnx/,
    ],
    [
      "a folder without pictures' settings",
      "smolvlm",
      (path) => rmSync(join(path, "preprocessor_config.json")),
      "NOT_FOUND",
      /preprocessor_config\.json/,
    ],
    [
      "pictures' settings of another family",
      "smolvlm",
      (path) =>
        writeFileSync(
          join(path, "preprocessor_config.json"),
          readFileSync(join(goldens, "qwen2_vl/tiny-qwen2vl/preprocessor_config.json")),
        ),
      "UNSUPPORTED_MODEL",
      /image processor that the model was not trained with/,
    ],
    [
      "a folder without a chat template",
      "smolvlm",
      (path) => rmSync(join(path, "chat_template.jinja")),
      "NOT_FOUND",
      /no chat template.*expected chat_template\.jinja/,
    ],
  ];
  it.each(refusals)(
    "are refused by name: %s",
    async (_, name, spoil, code, message) => {
      const path = fresh(name);
      spoil(path);
      await expect(ask(path, name)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    },
    30_000,
  );

  it("of families that no program is known to export are refused by name", async () => {
    const path = fresh("llava-onevision");
    const next = join(goldens, "llava_next/tiny-next-llama");
    for (const file of ["config.json", "preprocessor_config.json"])
      writeFileSync(join(path, file), readFileSync(join(next, file)));
    await expect(loadModel(path)).rejects.toMatchObject({
      code: "UNSUPPORTED_MODEL",
      message: expect.stringMatching(
        /graphs of LLaVA-NeXT that another program wrote are not run.*prumerge convert/,
      ),
    });
  });
});
