import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  encodeTensors,
  goldenPath,
  temporaryFolder,
  writeJson,
} from "../../../test/support/checkpoint-folder.js";
import { greatestDifference } from "../../../test/support/compare.js";
import { refusal } from "../../../test/support/refusal.js";
import { type FixtureTensor, readFixture } from "../../../test/support/safetensors.js";
import type { Json } from "../../models/files/json-file.js";
import { addLowRank, lowRankFactor } from "./add-low-rank.js";
import { openCheckpoint } from "./open-checkpoint.js";
import { readTensor } from "./read-rows.js";

const query = "base_model.model.model.layers.0.self_attn.q_proj";

/** A changed copy of the first recorded adapter. */
function adapter(config: Json, change: (tensors: Map<string, FixtureTensor>) => void = () => {}): string {
  const folder = temporaryFolder();
  cpSync(goldenPath("lora/lora-a/llava-tiny-lora"), folder, { recursive: true });
  const own = JSON.parse(readFileSync(join(folder, "adapter_config.json"), "utf8"));
  writeJson(folder, "adapter_config.json", { ...own, ...config });
  const tensors = readFixture(join(folder, "adapter_model.safetensors"));
  change(tensors);
  writeFileSync(join(folder, "adapter_model.safetensors"), encodeTensors(tensors));
  return folder;
}
const open = (lora: string) =>
  openCheckpoint(goldenPath("lora/lora-a/tiny-vicuna"), {
    lora,
    visionTower: goldenPath("lora/lora-a/tiny-clip-24L"),
  });

describe("scales", () => {
  it.each<[string, Json, number]>([
    ["alpha / r", { lora_alpha: 4 }, 4 / 8],
    ["rank-stabilised: alpha / sqrt(r)", { use_rslora: true }, 16 / Math.sqrt(8)],
  ])("%s", async (_, config, scale) => {
    const { tensors } = await open(adapter(config));
    const merged = tensors.get("language_model.model.layers.0.self_attn.q_proj.weight")!;
    expect(merged.lora!.scale).toBeCloseTo(scale, 12);
  });
});

it("adds scale * B A for any rank", () => {
  for (const [rows, columns, rank] of [
    [1, 1, 1],
    [3, 5, 3],
    [4, 6, 4],
    [6, 7, 8],
    [9, 2, 5],
  ] as const) {
    const fill = (size: number, seed: number) =>
      Float32Array.from({ length: size }, (_, i) => Math.sin(i * seed));
    const [w, b, a] = [fill(rows * columns, 1.1), fill(rows * rank, 2.3), fill(rank * columns, 3.7)];
    const expected = w.map((value, at) => {
      const [row, column] = [Math.floor(at / columns), at % columns];
      let sum = 0;
      for (let k = 0; k < rank; k++) sum += b[row * rank + k]! * a[k * columns + column]!;
      return value + 0.5 * sum;
    });
    addLowRank(w, b, lowRankFactor(a, rank), 0.5);
    expect(greatestDifference(w, expected)).toBeLessThan(1e-6);
  }
});

it("takes names with an adapter's own name in them", async () => {
  const renamed = adapter({}, (tensors) => {
    for (const [name, tensor] of [...tensors]) {
      tensors.delete(name);
      tensors.set(name.replace(".weight", ".default.weight"), tensor);
    }
  });
  const name = "language_model.model.layers.1.mlp.up_proj.weight";
  const [one, other] = [await open(renamed), await open(adapter({}))];
  expect(
    greatestDifference(await readTensor(one.tensors.get(name)!), await readTensor(other.tensors.get(name)!)),
  ).toBe(0);
});

describe("adapters of other kinds are refused by name", () => {
  it.each<[string, Json]>([
    ["peft_type", { peft_type: "IA3" }],
    ["bias", { bias: "lora_only" }],
    ["fan_in_fan_out", { fan_in_fan_out: true }],
    ["use_dora", { use_dora: true }],
    ["modules_to_save", { modules_to_save: "lm_head" }],
    ["lora_bias", { lora_bias: true }],
    ["trainable_token_indices", { trainable_token_indices: [1] }],
    ["a_setting_of_tomorrow", { a_setting_of_tomorrow: "yes" }],
    ["rank_pattern", { rank_pattern: { q_proj: 4 } }],
    ["alpha_pattern", { alpha_pattern: { q_proj: 4 } }],
    ["init_lora_weights", { init_lora_weights: "pissa" }],
    ["layer_replication", { layer_replication: [[0, 1]] }],
  ])("%s", async (key, config) => {
    const error = await refusal("UNSUPPORTED_MODEL", () => open(adapter(config)));
    expect(error.message).toContain(`${key} is not supported`);
  });

  it("but not for settings at their neutral values", async () => {
    const neutral = {
      use_dora: false,
      modules_to_save: [],
      rank_pattern: {},
      lora_bias: false,
      loftq_config: {},
    };
    await open(adapter(neutral));
  });
});

describe("adapters that do not fit are refused", () => {
  const tensor = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b)) });
  it.each<[string, Json, (tensors: Map<string, FixtureTensor>) => void, RegExp]>([
    [
      "half a pair",
      {},
      (all) => all.delete(`${query}.lora_B.weight`),
      /both lora_A and lora_B, found only lora_A/,
    ],
    ["a trained module that is not there", { modules_to_save: ["lm_head"] }, () => {}, /lm_head.*found none/],
    [
      "another weight beside its pair",
      {},
      (all) => all.set(`${query}.weight`, tensor(48, 48)),
      /base's own weight beside its pair/,
    ],
    [
      "a trained weight and a pair",
      { modules_to_save: ["q_proj"] },
      (all) => all.set(`${query}.weight`, tensor(48, 48)),
      /either a pair or a whole weight/,
    ],
    ["another width", {}, (all) => all.set(`${query}.lora_A.weight`, tensor(8, 49)), /A \[8, 49\]/],
    ["another height", {}, (all) => all.set(`${query}.lora_B.weight`, tensor(47, 8)), /B \[47, 8\]/],
    ["two ranks", {}, (all) => all.set(`${query}.lora_B.weight`, tensor(48, 4)), /B \[48, 4\]/],
    ["another rank than configured", { r: 4 }, () => {}, /rank 4.*found 8/],
    [
      "no such weight",
      {},
      (all) => {
        for (const side of ["A", "B"]) {
          const values = all.get(`${query}.lora_${side}.weight`)!;
          all.set(`base_model.model.model.layers.7.self_attn.q_proj.lora_${side}.weight`, values);
        }
      },
      /layers\.7.*none of that name/,
    ],
    [
      "a magnitude vector",
      {},
      (all) => all.set(`${query}.lora_magnitude_vector`, tensor(48)),
      /1 extra.*magnitude/,
    ],
  ])("%s", async (_, config, change, message) => {
    const error = await refusal("INVALID_FILE", () => open(adapter(config, change)));
    expect(error.message).toMatch(message);
  });

  it.each(["adapter_model.safetensors", "non_lora_trainables.bin"])("without %s", async (name) => {
    const folder = adapter({});
    rmSync(join(folder, name));
    expect((await refusal("NOT_FOUND", () => open(folder))).message).toContain(name);
  });
});
