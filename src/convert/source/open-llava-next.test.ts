import { cpSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { allValues, type Changes, writeJson } from "../../../test/support/checkpoint-folder.js";
import { nextCheckpoint, originalNext, tinyGrids } from "../../../test/support/next-checkpoint.js";
import { refusal } from "../../../test/support/refusal.js";
import type { FixtureTensor } from "../../../test/support/safetensors.js";
import { checkpointTensors } from "../../families/checkpoint-tensors.js";
import { parseModelConfig } from "../../families/convert-registry.js";
import { mistralTemplate } from "../../models/files/mistral-template.js";
import { qwenTemplate } from "../../models/files/turn-template.js";
import { vicunaTemplate } from "../../models/files/vicuna-template.js";
import { openCheckpoint } from "./open-checkpoint.js";

const turned = tinyGrids.map(([height, width]) => [width, height]);
const openOriginal = (changes?: Pick<Changes, "config" | "tensors">) => {
  const { folder, visionTower } = originalNext(changes);
  return openCheckpoint(folder, { visionTower });
};

describe("Hugging Face's layout", () => {
  it("is read with its grids, and everything that its configuration implies is there", async () => {
    const checkpoint = await openCheckpoint(nextCheckpoint());
    expect(checkpoint.spec).toMatchObject({ family: "llava-next", unpad: "hugging-face" });
    expect(checkpoint.preprocessing).toMatchObject({ aspect: "anyres", size: 112, grids: tinyGrids });
    expect(checkpoint.tensors.get("image_newline")!.shape).toEqual([64]);
    expect([...checkpointTensors(checkpoint.spec).keys()].sort()).toEqual(
      [...checkpoint.tensors.keys()].sort(),
    );
    expect(checkpoint.sourceDescription).toContain("Hugging Face LLaVA-NeXT");
  });

  it.each<[string, (name: string) => string]>([
    ["saves them", (name) => name.replace("vision_tower.vision_model.", "vision_tower.")],
    [
      "names them in memory",
      (name) =>
        name === "language_model.lm_head.weight"
          ? "lm_head.weight"
          : `model.${name.replace("vision_tower.vision_model.", "vision_tower.").replace("language_model.model.", "language_model.")}`,
    ],
  ])("has the same tensors as transformers 5 %s", async (_, rename) => {
    const hub = (name: string) =>
      name.replace(/^vision_tower\.(?!vision_model\.)/, "vision_tower.vision_model.");
    const own = await openCheckpoint(nextCheckpoint({ rename: hub }));
    const other = await openCheckpoint(nextCheckpoint({ rename: (name) => rename(hub(name)) }));
    expect(await allValues(other.tensors)).toEqual(await allValues(own.tensors));
  });

  it.each<[string, Changes, RegExp]>([
    [
      "without the vector that ends lines",
      { tensors: (all) => all.delete("image_newline") },
      /tensors are missing.*1 missing: image_newline/,
    ],
    [
      "with one of another width",
      { tensors: (all) => all.set("image_newline", { shape: [32], data: new Float32Array(32) }) },
      /tensor image_newline.*contradicts.*\[64\].*\[32\]/,
    ],
    [
      "whose grids are others than its image processor's",
      { config: (json) => Object.assign(json, { image_grid_pinpoints: turned }) },
      /image_grid_pinpoints of the model and of its image processor differ/,
    ],
  ])("is refused %s", async (_, changes, message) => {
    const folder = nextCheckpoint(changes);
    expect((await refusal("INVALID_FILE", () => openCheckpoint(folder))).message).toMatch(message);
  });

  it("has no place for that vector where the model is LLaVA-1.5", async () => {
    const folder = nextCheckpoint({
      config: (json) =>
        Object.assign(json, { architectures: ["LlavaForConditionalGeneration"], model_type: "llava" }),
    });
    expect((await refusal("INVALID_FILE", () => openCheckpoint(folder))).message).toContain(
      "1 extra: image_newline",
    );
  });
});

describe("the original layout", () => {
  it("is the same model by its own rules: widths first, and rounding down", async () => {
    const own = await openCheckpoint(nextCheckpoint());
    const original = await openOriginal();
    expect(original.spec).toEqual({ ...own.spec, unpad: "original" });
    expect(await allValues(original.tensors)).toEqual(await allValues(own.tensors));
    expect(original.preprocessing).toEqual({ ...own.preprocessing, grids: turned });
  });

  it("is written in Hugging Face's form, which gives it again but for the rounding", async () => {
    const { config, spec, imageProcessor } = await openOriginal();
    expect(parseModelConfig(config, "written")).toEqual({ ...spec, unpad: "hugging-face" });
    expect(config).toMatchObject({ image_grid_pinpoints: turned, model_type: "llava_next" });
    expect(imageProcessor).toMatchObject({
      image_processor_type: "LlavaNextImageProcessor",
      image_grid_pinpoints: turned,
    });
  });

  it("reads grids from a text as from a list", async () => {
    for (const pinpoints of [JSON.stringify(tinyGrids), "[(112, 224), (224, 112), (224, 224)]"]) {
      const { preprocessing } = await openOriginal({
        config: (json) => Object.assign(json, { image_grid_pinpoints: pinpoints }),
      });
      expect(preprocessing.grids).toEqual(turned);
    }
  });

  it("takes the tower from its folder where the checkpoint holds none", async () => {
    const whole = await openOriginal();
    const { folder, visionTower } = originalNext({
      tensors: (all) => {
        for (const name of all.keys()) if (name.startsWith("model.vision_tower.")) all.delete(name);
      },
    });
    const tower = nextCheckpoint({
      rename: (name) => (name.startsWith("vision_tower.") ? name : undefined),
    });
    cpSync(visionTower, tower, { recursive: true });
    const { tensors, notes } = await openCheckpoint(folder, { visionTower: tower });
    expect(await allValues(tensors)).toEqual(await allValues(whole.tensors));
    expect(notes.join("\n")).toContain("trained along, but holds none");
  });

  it("finds the tower's settings in the folder that it names, where that lies within its own", async () => {
    const named = (name: string) =>
      originalNext({ config: (json) => Object.assign(json, { mm_vision_tower: name }) });
    const { folder, visionTower } = named("towers/own");
    cpSync(visionTower, join(folder, "towers/own"), { recursive: true });
    const { spec } = await openCheckpoint(folder);
    expect(spec).toEqual((await openOriginal()).spec);
    for (const name of ["../towers/own", visionTower, "towers/none"]) {
      const open = () => openCheckpoint(named(name).folder);
      expect((await refusal("INVALID_OPTION", open)).message).toContain(`--vision-tower), with ${name}`);
    }
  });

  it.each<[string, object, RegExp]>([
    ["flat tiles", { mm_patch_merge_type: "flat" }, /flat with anyres/],
    [
      "no way of merging",
      { mm_patch_merge_type: undefined },
      /expected spatial_unpad with anyres.*flat with anyres/,
    ],
    ["tiles with their padding", { mm_patch_merge_type: "spatial" }, /"spatial with anyres"/],
    ["pooled tiles", { mm_patch_merge_type: "spatial_unpad_maxpool2x2" }, /maxpool2x2/],
    ["no whole picture", { mm_patch_merge_type: "spatial_unpad_nobase" }, /nobase/],
    ["a cap on tokens", { image_aspect_ratio: "anyres_max_9" }, /anyres_max_9/],
    ["another resolution", { image_aspect_ratio: "highres" }, /highres/],
    ["cropped tiles", { image_aspect_ratio: "crop_split" }, /crop_split/],
    ["one square", { image_aspect_ratio: "pad" }, /spatial_unpad with pad/],
    ["nothing said of pictures", { image_aspect_ratio: undefined }, /spatial_unpad with square/],
    ["the class token", { mm_vision_select_feature: "cls_patch" }, /mm_vision_select_feature.*patch/],
    ["several feature layers", { mm_vision_select_layer: [-2, -5] }, /mm_vision_select_layer/],
    ["another projector", { mm_projector_type: "linear" }, /mm_projector_type/],
    ["another family", { model_type: "llava_mpt" }, /llava_mpt/],
  ])("refuses %s by name", async (_, change, message) => {
    const open = () => openOriginal({ config: (json) => Object.assign(json, change) });
    expect((await refusal("UNSUPPORTED_MODEL", open)).message).toMatch(message);
  });

  it.each<[string, unknown]>([
    ["that are missing", undefined],
    ["of no whole tiles", [[112, 200]]],
    ["that are no pairs", "(1x1)x2"],
  ])("refuses grids %s", async (_, pinpoints) => {
    const open = () =>
      openOriginal({ config: (json) => Object.assign(json, { image_grid_pinpoints: pinpoints }) });
    expect((await refusal("INVALID_FILE", open)).message).toContain("image_grid_pinpoints");
  });
});

describe("without a chat template", () => {
  it.each([
    ["llama", {}, vicunaTemplate, "vicuna_v1"],
    ["mistral", { model_type: "llava_mistral", sliding_window: null }, mistralTemplate, "mistral_instruct"],
  ])("%s is asked as the original code asks it, and it is said", async (_, change, template, name) => {
    const { chatTemplate, notes } = await openOriginal({ config: (json) => Object.assign(json, change) });
    expect(chatTemplate).toBe(template);
    expect(notes.join("\n")).toMatch(new RegExp(`no chat template; the conversation ${name}`));
  });

  it("the folder's own is taken, where there is one", async () => {
    const folder = nextCheckpoint();
    writeJson(folder, "chat_template.json", { chat_template: "{{ messages[0].content }}" });
    const { chatTemplate, notes } = await openCheckpoint(folder);
    expect([chatTemplate, notes]).toEqual(["{{ messages[0].content }}", []]);
  });

  it("is asked in ChatML on a Qwen2, whose conversation that is", async () => {
    const biases = (all: Map<string, FixtureTensor>) => {
      for (const layer of [0, 1])
        for (const part of ["q", "k", "v"])
          all.set(`language_model.model.layers.${layer}.self_attn.${part}_proj.bias`, {
            shape: [64],
            data: new Float32Array(64),
          });
    };
    const other = nextCheckpoint({
      config: (json) => Object.assign(json.text_config, { model_type: "qwen2" }),
      tensors: biases,
    });
    const { chatTemplate, notes } = await openCheckpoint(other);
    expect(chatTemplate).toBe(qwenTemplate);
    expect(notes.join("\n")).toContain("the conversation qwen_1_5 of LLaVA-NeXT's own code");
  });
});
