import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  allValues,
  changedCopy,
  digits,
  goldenPath,
  shard,
  writeJson,
} from "../../../test/support/checkpoint-folder.js";
import { readFixture } from "../../../test/support/safetensors.js";
import { checkpointTensors } from "../../families/checkpoint-tensors.js";
import { embeddingWeight, outputWeight } from "../../graphs/names.js";
import { openCheckpoint } from "./open-checkpoint.js";

const llama = "llava/tiny-llava-llama";
const siglip = "llava/tiny-llava-siglip-qwen2";
const tied = "llava/tiny-llava-gqa-tied";

it.each([
  llama,
  siglip,
  tied,
])("%s: every tensor of the model, with the values of the file", async (golden) => {
  const { tensors, spec, totalBytes } = await openCheckpoint(goldenPath(golden));
  const file = readFixture(join(goldenPath(golden), "model.safetensors"));
  expect(new Set(tensors.keys())).toEqual(new Set(checkpointTensors(spec).keys()));
  expect(tensors.size).toBe(file.size);
  for (const [name, values] of await allValues(tensors)) {
    const own = file.get(name) ?? file.get(name.replace("vision_model.", ""));
    expect(values).toBe(digits(own!.data));
  }
  expect(totalBytes).toBe([...file.values()].reduce((sum, { data }) => sum + data.byteLength, 0));
});

it("hands on the other files and what they say", async () => {
  const checkpoint = await openCheckpoint(goldenPath(llama));
  const json = (name: string) => JSON.parse(readFileSync(join(goldenPath(llama), name), "utf8"));
  expect(checkpoint.layout).toBe("hugging-face");
  expect(checkpoint.config).toEqual(json("config.json"));
  expect(checkpoint.tokenizer).toEqual(json("tokenizer.json"));
  expect(checkpoint.tokenizerConfig).toEqual(json("tokenizer_config.json"));
  expect(checkpoint.generationConfig).toEqual(json("generation_config.json"));
  expect(checkpoint.imageProcessor).toEqual(json("processor_config.json").image_processor);
  expect(checkpoint.notes).toEqual([]);
  expect(checkpoint.preprocessing).toMatchObject({ size: 112, aspect: "crop" });
  expect(checkpoint.specialTokens).toEqual({
    image: "<image>",
    beginOfSequenceId: 1,
    endOfSequenceIds: [2],
    paddingId: 4,
  });
  expect(checkpoint.sourceDescription).toContain("llama, 2 x 64");
});

describe("key layouts of transformers", () => {
  const layouts: Record<string, (name: string) => string> = {
    "tower without vision_model": (name) => name.replace("vision_tower.vision_model.", "vision_tower."),
    "everything below model., output on top": (name) =>
      name.startsWith("language_model.lm_head")
        ? name.replace("language_model.", "")
        : `model.${name.replace("language_model.model.", "language_model.")}`,
    "below model., tower without vision_model": (name) =>
      name.startsWith("language_model.lm_head")
        ? name.replace("language_model.", "")
        : `model.${name.replace("language_model.model.", "language_model.").replace("vision_model.", "")}`,
  };
  it.each(Object.keys(layouts))("%s", async (layout) => {
    for (const golden of [llama, siglip, tied]) {
      const before = await openCheckpoint(goldenPath(golden));
      const after = await openCheckpoint(changedCopy(golden, { rename: layouts[layout]! }));
      expect(await allValues(after.tensors)).toEqual(await allValues(before.tensors));
    }
  });

  it("leaves out buffers and SigLIP's pooling head", async () => {
    const before = await openCheckpoint(goldenPath(siglip));
    const values = { shape: [1], data: Float32Array.of(1) };
    const folder = changedCopy(siglip, {
      tensors: (tensors) => {
        tensors.set("vision_tower.embeddings.position_ids", { shape: [1], data: Int32Array.of(1) });
        tensors.set("vision_tower.head.probe", values);
        tensors.set("language_model.model.layers.0.self_attn.rotary_emb.inv_freq", values);
      },
    });
    const after = await openCheckpoint(folder);
    expect(await allValues(after.tensors)).toEqual(await allValues(before.tensors));
  });

  it("leaves out the second copy of a tied table", async () => {
    const folder = changedCopy(tied, {
      tensors: (tensors) => tensors.set(outputWeight, tensors.get(embeddingWeight)!),
    });
    const { tensors, spec } = await openCheckpoint(folder);
    expect(spec.language.tiedEmbeddings).toBe(true);
    expect(tensors.has(outputWeight)).toBe(false);
  });

  it("takes the tie from the whole where the language model does not say", async () => {
    const change = (config: { text_config: object }) => {
      config.text_config = { ...config.text_config, tie_word_embeddings: undefined };
    };
    const { spec } = await openCheckpoint(changedCopy(tied, { config: change }));
    expect(spec.language.tiedEmbeddings).toBe(true);
  });
});

it("reads shards by their index", async () => {
  const before = await openCheckpoint(goldenPath(llama));
  const folder = changedCopy(llama, {});
  shard(folder, 3);
  const after = await openCheckpoint(folder);
  expect(await allValues(after.tensors)).toEqual(await allValues(before.tensors));
  expect(new Set([...after.tensors.values()].map(({ path }) => path)).size).toBe(3);
});

describe("other files", () => {
  it("ends of answers: generation_config, then config, then the tokenizer", async () => {
    const folder = changedCopy(llama, {
      config: (config) => {
        config.text_config.eos_token_id = 6;
      },
    });
    const ends = async () => (await openCheckpoint(folder)).specialTokens.endOfSequenceIds;
    writeJson(folder, "generation_config.json", { eos_token_id: [2, 5] });
    expect(await ends()).toEqual([2, 5]);
    writeJson(folder, "generation_config.json", {});
    expect(await ends()).toEqual([6]);
    const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
    delete config.text_config.eos_token_id;
    writeJson(folder, "config.json", config);
    expect(await ends()).toEqual([2]);
  });
});
