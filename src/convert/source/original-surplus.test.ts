import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type Changes,
  changedCopy,
  digits,
  encodeTensors,
  goldenPath,
  temporaryFolder,
  writeJson,
} from "../../../test/support/checkpoint-folder.js";
import { refusal } from "../../../test/support/refusal.js";
import { floats, readFixture } from "../../../test/support/safetensors.js";
import { embeddingWeight, outputWeight } from "../../graphs/names.js";
import type { Json } from "../../models/files/json-file.js";
import { openCheckpoint } from "./open-checkpoint.js";
import { readTensor } from "./read-rows.js";

const golden = "lora/lora-a";
const vicuna = `${golden}/tiny-vicuna`;
const visionTower = goldenPath(`${golden}/tiny-clip-24L`);
const [table, output] = ["model.embed_tokens.weight", "lm_head.weight"];

/** A copy of the recorded adapter with other settings of the whole model. */
function adapter(settings: Json, change: (folder: string) => void = () => {}): string {
  const folder = temporaryFolder();
  cpSync(goldenPath(`${golden}/llava-tiny-lora`), folder, { recursive: true });
  const own = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  writeJson(folder, "config.json", { ...own, ...settings });
  change(folder);
  return folder;
}
const open = (base: Changes, lora: string) =>
  openCheckpoint(changedCopy(vicuna, base), { lora, visionTower });
const without = (name: string): Changes => ({ rename: (one) => (one === name ? undefined : one) });
const stored = readFixture(join(goldenPath(vicuna), "model.safetensors"));

describe("tables of the original layout", () => {
  const tied = { tie_word_embeddings: true };

  it("both stored and different: both are used, new rows included, and it is said", async () => {
    const { spec, tensors, notes, config } = await open({}, adapter(tied));
    expect(spec.language.tiedEmbeddings).toBe(false);
    expect(notes).toContainEqual(expect.stringContaining("two tables that differ"));
    expect(config.tie_word_embeddings).toBe(false);
    for (const [name, own] of [
      [embeddingWeight, table],
      [outputWeight, output],
    ] as const) {
      const values = await readTensor(tensors.get(name)!);
      expect(digits(values.subarray(0, 344 * 48))).toBe(digits(floats(stored, own!)));
    }
  });

  it.each([table!, output!])("%s alone missing: the other is both", async (name) => {
    const { spec, tensors } = await open(without(name), adapter(tied));
    expect(spec.language.tiedEmbeddings).toBe(true);
    expect(tensors.has(outputWeight)).toBe(false);
    const values = await readTensor(tensors.get(embeddingWeight)!);
    const other = name === table ? output : table;
    expect(digits(values.subarray(0, 344 * 48))).toBe(digits(floats(stored, other!)));
  });

  it.each([
    [table!, /1 missing: .*embed_tokens/],
    [output!, /1 missing: .*lm_head.*tie_word_embeddings/],
  ])("%s alone missing, and nothing says that they are one", async (name, message) => {
    const error = await refusal("INVALID_FILE", () => open(without(name), adapter({})));
    expect(error.message).toMatch(message);
  });
});

describe("the vision tower", () => {
  it("in the checkpoint and given: the first is used, and it is said", async () => {
    const tower = readFixture(join(visionTower, "model.safetensors"));
    const tensors: Changes["tensors"] = (all) => {
      for (const [name, { shape, data }] of tower) {
        const prefix = name.startsWith("vision_model.")
          ? "model.vision_tower.vision_tower."
          : "model.vision_tower.";
        all.set(`${prefix}${name}`, { shape, data: (data as Float32Array).map((x) => x + 1) });
      }
    };
    const { tensors: used, notes } = await open({ tensors }, adapter({}));
    expect(notes).toContainEqual(expect.stringContaining("holds its vision tower"));
    const name = "vision_tower.vision_model.post_layernorm.bias";
    const given = await open({}, adapter({}));
    const [one, other] = [await readTensor(used.get(name)!), await readTensor(given.tensors.get(name)!)];
    expect(digits(one)).toBe(digits(other.map((x) => x + 1)));
  });

  it("trained along and not there: it is said", async () => {
    const { notes } = await open({}, adapter({ unfreeze_mm_vision_tower: true }));
    expect(notes).toContainEqual(expect.stringContaining("trained along, but holds none"));
  });
});

describe("the projector", () => {
  it("as a module that peft trained whole, without non_lora_trainables.bin", async () => {
    const names = [
      "mm_projector.0.weight",
      "mm_projector.0.bias",
      "mm_projector.2.weight",
      "mm_projector.2.bias",
    ];
    const sizes = [[48, 64], [48], [48, 48], [48]];
    const plain = await open({}, adapter({}));
    const shapes = ["linear_1.weight", "linear_1.bias", "linear_2.weight", "linear_2.bias"].map(
      (name) => plain.tensors.get(`multi_modal_projector.${name}`)!.shape,
    );
    expect(shapes.map(({ length }) => length)).toEqual(sizes.map(({ length }) => length));
    const lora = adapter({}, (folder) => {
      rmSync(join(folder, "non_lora_trainables.bin"));
      const tensors = readFixture(join(folder, "adapter_model.safetensors"));
      for (const [at, name] of names.entries()) {
        const data = new Float32Array(shapes[at]!.reduce((a, b) => a * b)).fill(at + 1);
        tensors.set(`base_model.model.model.${name}`, { shape: [...shapes[at]!], data });
      }
      writeFileSync(join(folder, "adapter_model.safetensors"), encodeTensors(tensors));
      const config = JSON.parse(readFileSync(join(folder, "adapter_config.json"), "utf8"));
      writeJson(folder, "adapter_config.json", { ...config, modules_to_save: ["mm_projector"] });
    });
    const { tensors } = await open({}, lora);
    const values = await readTensor(tensors.get("multi_modal_projector.linear_2.bias")!);
    expect(new Set(values)).toEqual(new Set([4]));
  });
});
