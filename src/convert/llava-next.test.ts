import { describe, expect, it } from "vitest";
import { allValues, temporaryFolder } from "../../test/support/checkpoint-folder.js";
import { nextCheckpoint, originalNext, tinyGrids } from "../../test/support/next-checkpoint.js";
import { floatTensor, identity, openModel, run, settingFeeds } from "../../test/support/ort.js";
import { refusal } from "../../test/support/refusal.js";
import { readModelFolder } from "../folder/model-folder.js";
import { visionInputs, visionOutputs } from "../graphs/contract.js";
import { convert } from "./convert.js";
import { prepareConversion } from "./plan.js";
import { openCheckpoint } from "./source/open-checkpoint.js";

const planned = async (folder: string, options = {}) => {
  const { contents, files, ...plan } = await prepareConversion(folder, options, 0);
  const json = (name: string) => JSON.parse(Buffer.from(contents.get(name)!).toString());
  return { plan, json, paths: files.map(({ path }) => path) };
};

describe("a LLaVA-NeXT model folder", () => {
  it("has no graph for programs that want a fixed number of visual tokens, and says so nowhere else", async () => {
    const { plan, json, paths } = await planned(nextCheckpoint());
    expect(plan).not.toHaveProperty("bakedTokens");
    expect(paths.filter((path) => path.startsWith("onnx/")).sort()).toEqual([
      "onnx/decoder_model_merged_q4.onnx",
      "onnx/decoder_model_merged_q4.onnx_data",
      "onnx/decoder_q4.onnx",
      "onnx/embed_tokens_fp16.onnx",
      "onnx/embed_tokens_fp16.onnx_data",
      "onnx/projector.onnx",
      "onnx/vision.onnx",
      "onnx/vision.onnx_data",
      "onnx/vision_cover.onnx",
    ]);
    const manifest = json("prumerge.json");
    expect(manifest).not.toHaveProperty("bakedTokens");
    expect(Object.keys(manifest.graphs)).not.toContain("visionEncoder");
    expect(json("config.json")).not.toHaveProperty(["transformers.js_config"]);
  });

  it("tells Python's processor what it needs", async () => {
    const original = originalNext();
    for (const [folder, options, grids] of [
      [nextCheckpoint(), {}, tinyGrids],
      [original.folder, { visionTower: original.visionTower }, tinyGrids.map(([h, w]) => [w, h])],
    ] as const) {
      const { json } = await planned(folder, options);
      expect(json("processor_config.json")).toEqual({
        processor_class: "LlavaNextProcessor",
        image_token: "<image>",
        patch_size: 14,
        vision_feature_select_strategy: "default",
        num_additional_image_tokens: 1,
      });
      expect(json("preprocessor_config.json")).toMatchObject({
        processor_class: "LlavaNextProcessor",
        image_processor_type: "LlavaNextImageProcessor",
        image_grid_pinpoints: grids,
      });
      expect(json("config.json")).toMatchObject({
        architectures: ["LlavaNextForConditionalGeneration"],
        image_grid_pinpoints: grids,
      });
    }
  });

  it.each<[string, object, RegExp]>([
    ["a fixed number of visual tokens", { bakedTokens: 9 }, /bakedTokens: .*none for LLaVA-NeXT/],
    ["one square of its pictures", { imageAspect: "pad" }, /imageAspect: .*tiles.*Say it when asking/s],
  ])("is refused with %s", async (_, options, message) => {
    const convertIt = () => planned(nextCheckpoint(), options);
    expect((await refusal("INVALID_OPTION", convertIt)).message).toMatch(message);
  });

  it.each([
    "fp32",
    "fp16",
    "q8",
  ] as const)("gives the vector that ends lines beside the picture's rows: %s", async (dtype) => {
    const source = nextCheckpoint();
    const [values] = [await allValues((await openCheckpoint(source)).tensors)];
    const folder = `${temporaryFolder()}/model`;
    await convert(source, folder, { dtype, workers: 0 });
    const { graphs, spec } = await readModelFolder(folder);
    expect(spec).toMatchObject({ family: "llava-next", unpad: "hugging-face" });
    const session = await openModel(graphs.vision);
    const seen = await run(session, {
      ...settingFeeds(identity(64)),
      [visionInputs.pixels]: floatTensor(new Float32Array(3 * 112 * 112), [1, 3, 112, 112]),
    });
    const newline = seen[visionOutputs.newline]!;
    expect(newline.dims).toEqual([1, 64]);
    // Every value is a whole number of 64ths, which float16 holds.
    expect(Buffer.from(Float32Array.from(newline.data as Float32Array).buffer).toString("base64")).toBe(
      values.get("image_newline"),
    );
  });
});
