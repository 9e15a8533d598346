import { cpSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  allValues,
  type Changes,
  changedCopy,
  goldenPath,
  writeJson,
} from "../../../test/support/checkpoint-folder.js";
import { onevisionGolden, originalOnevision } from "../../../test/support/onevision-checkpoint.js";
import { refusal } from "../../../test/support/refusal.js";
import { checkpointTensors } from "../../families/checkpoint-tensors.js";
import { parseModelConfig } from "../../families/convert-registry.js";
import { chatmlTemplate, qwenTemplate } from "../../models/files/turn-template.js";
import { openCheckpoint } from "./open-checkpoint.js";

const own = () => openCheckpoint(goldenPath(onevisionGolden));
const openOriginal = (changes?: Pick<Changes, "config" | "tensors">) => {
  const { folder, visionTower } = originalOnevision(changes);
  return openCheckpoint(folder, { visionTower });
};
const layer = "vision_tower.vision_model.encoder.layers.";

describe("Hugging Face's layout", () => {
  it("is read, and everything that its configuration implies is there", async () => {
    const checkpoint = await own();
    expect(checkpoint.spec).toMatchObject({
      family: "llava-onevision",
      unpad: "hugging-face",
      mostTiles: 9,
      featureLayer: 3,
      selectStrategy: "full",
      vision: { kind: "siglip", layers: 3 },
    });
    expect(checkpoint.preprocessing).toMatchObject({ aspect: "anyres", size: 52, mean: [0.5, 0.5, 0.5] });
    expect([...checkpointTensors(checkpoint.spec).keys()].sort()).toEqual(
      [...checkpoint.tensors.keys()].sort(),
    );
    expect(checkpoint.chatTemplate).toBe(chatmlTemplate);
    expect(checkpoint.notes.join("\n")).toMatch(/^\S+: no chat template; the conversation chatml .*$/);
  });

  it("has the same tensors as transformers 5 saves them, and names them in memory", async () => {
    const saved = (name: string) => name.replace("vision_tower.vision_model.", "vision_tower.");
    const inMemory = (name: string) =>
      name === "language_model.lm_head.weight"
        ? "lm_head.weight"
        : `model.${saved(name).replace("language_model.model.", "language_model.")}`;
    const values = await allValues((await own()).tensors);
    for (const rename of [saved, inMemory])
      expect(
        await allValues((await openCheckpoint(changedCopy(onevisionGolden, { rename }))).tensors),
      ).toEqual(values);
  });

  it("takes another number of tiles, and the one that old configurations leave out", async () => {
    const tiles = async (word: string | undefined) => {
      const config: Changes["config"] = (json) => Object.assign(json, { vision_aspect_ratio: word });
      return (await openCheckpoint(changedCopy(onevisionGolden, { config }))).spec;
    };
    expect(await tiles("anyres_max_4")).toMatchObject({ mostTiles: 4 });
    expect(await tiles(undefined)).toMatchObject({ mostTiles: 9 });
    for (const word of ["anyres", "anyres_max_0", "anyres_max_", "pad", "anyres_max_9x"])
      expect((await refusal("UNSUPPORTED_MODEL", () => tiles(word))).message).toContain(`found "${word}"`);
  });

  it.each<[string, Changes, string, RegExp]>([
    [
      "without the vector that ends lines",
      { tensors: (all) => all.delete("image_newline") },
      "INVALID_FILE",
      /tensors are missing.*1 missing: image_newline/,
    ],
    [
      "whose grids are others than its image processor's",
      { config: (json) => Object.assign(json, { image_grid_pinpoints: [[52, 52]] }) },
      "INVALID_FILE",
      /image_grid_pinpoints of the model and of its image processor differ/,
    ],
    [
      "with CLIP",
      { config: (json) => Object.assign(json.vision_config, { model_type: "clip_vision_model" }) },
      "UNSUPPORTED_MODEL",
      /expected a tower without a class token \(SigLIP\), found "clip"/,
    ],
    [
      "with quantised weights",
      { config: (json) => Object.assign(json, { quantization_config: { quant_method: "awq" } }) },
      "UNSUPPORTED_MODEL",
      /quantization_config/,
    ],
  ])("is refused %s", async (_, changes, code, message) => {
    const folder = changedCopy(onevisionGolden, changes);
    expect((await refusal(code as never, () => openCheckpoint(folder))).message).toMatch(message);
  });
});

describe("the original layout", () => {
  it("is the same model by its own rules, without the tower's last layer", async () => {
    const hub = await own();
    const original = await openOriginal();
    expect(original.spec).toEqual({ ...hub.spec, unpad: "original" });
    expect(await allValues(original.tensors)).toEqual(await allValues(hub.tensors));
    // "(1x1),...,(6x6)" names widths first; the list is the same under exchange of both.
    expect(original.preprocessing).toEqual({
      ...hub.preprocessing,
      grids: hub.preprocessing.grids!.map(([height, width]) => [width, height]),
    });
    expect(original.chatTemplate).toBe(qwenTemplate);
  });

  it("is written in Hugging Face's form, which gives it again but for the rounding", async () => {
    const { config, spec, imageProcessor } = await openOriginal();
    expect(parseModelConfig(config, "written")).toEqual({ ...spec, unpad: "hugging-face" });
    expect(config).toMatchObject({
      model_type: "llava_onevision",
      vision_aspect_ratio: "anyres_max_9",
      vision_feature_layer: -1,
      vision_config: { num_hidden_layers: 3, vision_use_head: false },
    });
    expect(imageProcessor).toMatchObject({ image_processor_type: "LlavaOnevisionImageProcessor" });
  });

  it("takes the tower from its own folder, which holds the last layer too, where the checkpoint holds none", async () => {
    const whole = await openOriginal();
    const { folder, visionTower } = originalOnevision({
      tensors: (all) => {
        for (const name of all.keys()) if (name.startsWith("model.vision_tower.")) all.delete(name);
      },
    });
    const tower = changedCopy(onevisionGolden, {
      rename: (name) => (name.startsWith("vision_tower.") ? name : undefined),
      tensors: (all) => {
        for (const [name, tensor] of [...all])
          if (name.startsWith(`${layer}2.`)) all.set(name.replace(`${layer}2.`, `${layer}3.`), tensor);
      },
    });
    cpSync(visionTower, tower, { recursive: true });
    const { tensors, notes } = await openCheckpoint(folder, { visionTower: tower });
    expect(await allValues(tensors)).toEqual(await allValues(whole.tensors));
    expect(notes.join("\n")).toContain("layers of the vision tower that this model does not run");
  });

  it.each<[string, object, RegExp]>([
    ["another word for tiles", { image_aspect_ratio: "anyres_max_many" }, /anyres_max_many/],
    ["another projector", { mm_projector_type: "linear" }, /mm_projector_type/],
    ["tiles with their padding", { mm_patch_merge_type: "spatial" }, /spatial with anyres_max_9/],
  ])("refuses %s by name", async (_, change, message) => {
    const open = () => openOriginal({ config: (json) => Object.assign(json, change) });
    expect((await refusal("UNSUPPORTED_MODEL", open)).message).toMatch(message);
  });

  it("refuses a language model whose conversation is not known", async () => {
    const folder = changedCopy(onevisionGolden, {
      config: (json) => Object.assign(json.text_config, { model_type: "llama", attention_bias: false }),
      tensors: (all) => {
        for (const name of all.keys())
          if (name.endsWith("_proj.bias") && name.startsWith("language")) all.delete(name);
      },
    });
    const error = await refusal("NOT_FOUND", () => openCheckpoint(folder));
    expect(error.message).toMatch(/no chat template.*none is known.*chat_template\.jinja/);
    writeJson(folder, "chat_template.json", { chat_template: "{{ messages[0].content }}" });
    expect((await openCheckpoint(folder)).chatTemplate).toBe("{{ messages[0].content }}");
  });
});
