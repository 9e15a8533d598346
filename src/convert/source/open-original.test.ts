import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Template } from "@huggingface/jinja";
import { Tokenizer } from "@huggingface/tokenizers";
import { describe, expect, it } from "vitest";
import {
  allValues,
  changedCopy,
  digits,
  goldenPath,
  temporaryFolder,
  writeJson,
} from "../../../test/support/checkpoint-folder.js";
import { greatestDifference } from "../../../test/support/compare.js";
import { refusal } from "../../../test/support/refusal.js";
import { floats, readFixture } from "../../../test/support/safetensors.js";
import { parseModelConfig } from "../../families/convert-registry.js";
import { embeddingWeight, outputWeight } from "../../graphs/names.js";
import type { Json } from "../../models/files/json-file.js";
import type { Checkpoint } from "./checkpoint.js";
import { openCheckpoint } from "./open-checkpoint.js";
import { readRows, readTensor } from "./read-rows.js";

const part = (golden: string, name: string) => goldenPath(`lora/${golden}/${name}`);
const openLora = (golden: string, base = part(golden, "tiny-vicuna")) =>
  openCheckpoint(base, {
    lora: part(golden, "llava-tiny-lora"),
    visionTower: part(golden, "tiny-clip-24L"),
  });
const recorded = (golden: string) => readFixture(goldenPath(`lora/${golden}.tensors.safetensors`));

interface LoraCase {
  readonly name: string;
  readonly inputs: {
    readonly question: string;
    readonly prompt: string;
    readonly prompt_chunk_ids_slow_tokenizer: [number[], number[]];
  };
}
const cases: readonly LoraCase[] = JSON.parse(readFileSync(goldenPath("lora/manifest.json"), "utf8")).cases;

describe.each(["lora-a", "lora-b"])("%s, as the official builder loads it", (golden) => {
  it("has the recorded merged weights and projector", async () => {
    const { tensors } = await openLora(golden);
    const parts: [RegExp, string][] = [
      [/^merged\./, "language_model."],
      [/^model\.mm_projector\.0\./, "multi_modal_projector.linear_1."],
      [/^model\.mm_projector\.2\./, "multi_modal_projector.linear_2."],
    ];
    let compared = 0;
    for (const [name, { data }] of recorded(golden)) {
      const [pattern, prefix] = parts.find(([known]) => known.test(name)) ?? [];
      if (pattern === undefined) continue;
      const merged = await readTensor(tensors.get(name.replace(pattern, prefix!))!);
      expect(greatestDifference(merged, data as Float32Array)).toBeLessThan(1e-6);
      compared += 1;
    }
    expect(compared).toBe(2 * 7 + 4);
  });

  it("reads the same rows alone as within the whole", async () => {
    const { tensors } = await openLora(golden);
    for (const name of ["self_attn.q_proj", "mlp.down_proj"]) {
      const tensor = tensors.get(`language_model.model.layers.1.${name}.weight`)!;
      const whole = await readTensor(tensor);
      const columns = tensor.shape[1]!;
      expect(digits(await readRows(tensor, 5, 9))).toBe(digits(whole.slice(5 * columns, 9 * columns)));
    }
  });

  const ids = (prompt: string, { tokenizer, tokenizerConfig }: Checkpoint) =>
    new Tokenizer(tokenizer, tokenizerConfig).encode(prompt).ids;

  it("tokenises prompts as the original does, from tokenizer.json and from tokenizer.model", async () => {
    const bare = changedCopy(`lora/${golden}/tiny-vicuna`, { without: ["tokenizer.json"] });
    for (const base of [part(golden, "tiny-vicuna"), bare]) {
      const checkpoint = await openLora(golden, base);
      for (const { inputs } of cases.filter(({ name }) => name.startsWith(golden))) {
        const [before, after] = inputs.prompt_chunk_ids_slow_tokenizer;
        // The second chunk is tokenised apart; its beginning-of-sequence id is dropped.
        const expected = [...before, checkpoint.spec.imageTokenId, ...after.slice(1)];
        expect(ids(inputs.prompt, checkpoint)).toEqual(expected);
      }
    }
  });

  it("puts questions into the recorded prompts", async () => {
    const { chatTemplate } = await openLora(golden);
    for (const { inputs } of cases.filter(({ name }) => name.startsWith(golden))) {
      const content = [{ type: "image" }, { type: "text", text: inputs.question }];
      const messages = [{ role: "user", content }];
      const prompt = new Template(chatTemplate).render({ messages, add_generation_prompt: true });
      expect(prompt).toBe(inputs.prompt);
    }
  });

  it("has an image token that scores as the unknown token does", async () => {
    const { spec, tensors, specialTokens, generationConfig } = await openLora(golden);
    expect(spec.imageTokenId).toBe(344);
    expect(spec.language.vocabularySize).toBe(345);
    expect(specialTokens.image).toBe("<image>");
    expect(generationConfig.suppress_tokens).toEqual([344]);
    const base = readFixture(join(part(golden, "tiny-vicuna"), "model.safetensors"));
    for (const [name, own] of [
      [embeddingWeight, "model.embed_tokens.weight"],
      [outputWeight, "lm_head.weight"],
    ] as const) {
      const values = await readTensor(tensors.get(name)!);
      expect(digits(values.subarray(0, 344 * 48))).toBe(digits(floats(base, own)));
      expect(values.subarray(344 * 48)).toEqual(values.subarray(0, 48)); // <unk> is 0
      expect(digits(await readRows(tensors.get(name)!, 343, 345))).toBe(digits(values.subarray(343 * 48)));
    }
  });

  it("takes the multimodal settings from the adapter's folder, and pads pictures", async () => {
    const { spec, config, preprocessing, imageProcessor, layout, chatTemplate } = await openLora(golden);
    expect(layout).toBe("original");
    expect(parseModelConfig(config, "written")).toEqual(spec);
    expect(spec).toMatchObject({ featureLayer: 23, selectStrategy: "default", vision: { layers: 24 } });
    expect(preprocessing).toMatchObject({ size: 48, aspect: "pad" });
    expect(imageProcessor.do_pad).toBe(true);
    expect(chatTemplate).toContain("A chat between a curious user");
  });
});

it("names the tower that has to be given", async () => {
  const lora = part("lora-a", "llava-tiny-lora");
  const error = await refusal("INVALID_OPTION", () =>
    openCheckpoint(part("lora-a", "tiny-vicuna"), { lora }),
  );
  expect(error.message).toContain("../tiny-clip-24L");
});

/** A whole checkpoint in the original layout, from the merged golden. */
function wholeOriginal(change: (config: Record<string, unknown>) => void = () => {}, tower = false): string {
  const merged = recorded("lora-a");
  return changedCopy("lora/lora-a/tiny-vicuna", {
    tensors: (tensors) => {
      for (const [name, tensor] of merged) {
        if (name.startsWith("merged.")) tensors.set(name.slice("merged.".length), tensor);
        if (name.startsWith("model.mm_projector.")) tensors.set(name, tensor);
      }
      if (!tower) return;
      for (const [name, tensor] of readFixture(join(part("lora-a", "tiny-clip-24L"), "model.safetensors"))) {
        tensors.set(`model.vision_tower.vision_tower.${name}`, tensor);
      }
      const shifted = Float32Array.from({ length: 20 }, (_, i) => i);
      tensors.set("model.vision_tower.vision_tower.vision_model.embeddings.class_embedding", {
        shape: [20],
        data: shifted,
      });
    },
    config: (config) => {
      const own = readFileSync(join(part("lora-a", "llava-tiny-lora"), "config.json"), "utf8");
      Object.assign(config, JSON.parse(own));
      change(config);
    },
  });
}
const visionTower = part("lora-a", "tiny-clip-24L");
const openWhole = (change?: (config: Record<string, unknown>) => void) =>
  openCheckpoint(wholeOriginal(change), { visionTower });

describe("a whole checkpoint in the original layout", () => {
  it("is the same model", async () => {
    const lora = await openLora("lora-a");
    const whole = await openWhole();
    expect(whole.spec).toEqual(lora.spec);
    for (const [name, tensor] of whole.tensors) {
      const difference = greatestDifference(
        await readTensor(tensor),
        await readTensor(lora.tensors.get(name)!),
      );
      expect(difference).toBeLessThan(1e-6);
    }
    expect([...whole.tensors.keys()].sort()).toEqual([...lora.tensors.keys()].sort());
  });

  it("uses a tower of its own where it holds one", async () => {
    const folder = wholeOriginal(undefined, true);
    const settings = temporaryFolder();
    cpSync(visionTower, settings, { recursive: true });
    for (const given of [visionTower, settings]) {
      const { tensors } = await openCheckpoint(folder, { visionTower: given });
      const token = tensors.get("vision_tower.vision_model.embeddings.class_embedding")!;
      expect((await readTensor(token))[7]).toBe(7);
      rmSync(join(settings, "model.safetensors"), { force: true }); // settings alone are enough
    }
  });

  it("takes the vision half of a two-tower model", async () => {
    const towers = changedCopy("lora/lora-a/tiny-clip-24L", {
      tensors: (tensors) => {
        tensors.set("text_model.final_layer_norm.weight", { shape: [1], data: Float32Array.of(1) });
        tensors.set("logit_scale", { shape: [], data: Float32Array.of(1) });
        tensors.set("visual_projection.weight", { shape: [1, 1], data: Float32Array.of(1) });
        tensors.set("vision_model.embeddings.position_ids", { shape: [1], data: Int32Array.of(0) });
      },
    });
    const own = JSON.parse(readFileSync(join(towers, "config.json"), "utf8"));
    writeJson(towers, "config.json", { model_type: "clip", vision_config: own, text_config: {} });
    const plain = await openWhole();
    const two = await openCheckpoint(wholeOriginal(), { visionTower: towers });
    expect(await allValues(two.tensors)).toEqual(await allValues(plain.tensors));
    expect(parseModelConfig(two.config, "written")).toEqual(two.spec);
  });

  it("crops where the configuration does not pad, and keeps the class token for cls_patch", async () => {
    const { spec, preprocessing } = await openWhole((config) => {
      config.image_aspect_ratio = "square";
      config.mm_vision_select_feature = "cls_patch";
    });
    expect(preprocessing.aspect).toBe("crop");
    expect(spec.selectStrategy).toBe("full");
  });

  it("keeps an <image> token that the tokenizer already has", async () => {
    const folder = wholeOriginal();
    const tokenizer = JSON.parse(readFileSync(join(folder, "tokenizer.json"), "utf8"));
    const more = (id: number, content: string) => ({ ...tokenizer.added_tokens[0], id, content });
    tokenizer.added_tokens.push(more(344, "<pad>"), more(345, "<image>"));
    writeJson(folder, "tokenizer.json", tokenizer);
    const { spec, tensors } = await openCheckpoint(folder, { visionTower });
    expect(spec.imageTokenId).toBe(345);
    expect(spec.language.vocabularySize).toBe(346);
    expect(tensors.get(outputWeight)!.extraRows).toHaveLength(2);
  });

  it.each<[string, Json, RegExp]>([
    ["another projector", { mm_projector_type: "mlp3x_gelu" }, /mlp3x_gelu/],
    ["the default, a linear projector", { mm_projector_type: null }, /linear/],
    ["start and end tokens", { mm_use_im_start_end: true }, /mm_use_im_start_end/],
    ["pictures cut into tiles", { image_aspect_ratio: "anyres" }, /anyres/],
    ["merged tiles", { mm_patch_merge_type: "spatial_unpad" }, /spatial_unpad/],
    ["a resampler", { mm_resampler_type: "qformer" }, /mm_resampler_type/],
    ["another family", { model_type: "llava_mpt" }, /llava_mpt/],
    ["quantised weights", { quantization_config: { bits: 4 } }, /quantization_config/],
  ])("refuses %s by name", async (_, change, message) => {
    const open = () => openWhole((config) => Object.assign(config, change));
    expect((await refusal("UNSUPPORTED_MODEL", open)).message).toMatch(message);
  });
});

it("takes a stage-1 projector with the base language model", async () => {
  const folder = temporaryFolder();
  const projector = join(folder, "mm_projector.bin");
  cpSync(join(part("lora-b", "llava-tiny-lora"), "config.json"), join(folder, "config.json"));
  cpSync(goldenPath("../checkpoints/mm_projector.bin"), projector);
  const { tensors } = await openCheckpoint(part("lora-b", "tiny-vicuna"), {
    projector,
    visionTower: part("lora-b", "tiny-clip-24L"),
  });
  const values = await readTensor(tensors.get("multi_modal_projector.linear_2.weight")!);
  expect(greatestDifference(values, floats(recorded("lora-b"), "model.mm_projector.2.weight"))).toBe(0);
  expect(tensors.get("language_model.model.layers.0.self_attn.q_proj.weight")!.lora).toBeUndefined();
});
