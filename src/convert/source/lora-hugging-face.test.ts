import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { goldenPath, temporaryFolder } from "../../../test/support/checkpoint-folder.js";
import { greatestDifference } from "../../../test/support/compare.js";
import { refusal } from "../../../test/support/refusal.js";
import { floats, readFixture } from "../../../test/support/safetensors.js";
import { checkpointNames } from "./canonical-names.js";
import { openCheckpoint } from "./open-checkpoint.js";
import { readTensor } from "./read-rows.js";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../test/fixtures/lora-hugging-face/${name}`, import.meta.url));
const base = goldenPath("llava/tiny-llava-llama");
const bias = "multi_modal_projector.linear_2.bias";

it("merges as peft does, and takes the projector that was trained along", async () => {
  const { tensors } = await openCheckpoint(base, { lora: fixture("adapter") });
  const expected = readFixture(fixture("expected.safetensors"));
  expect(expected.size).toBe(3);
  const plain = await openCheckpoint(base);
  for (const name of expected.keys()) {
    const found = await readTensor(tensors.get(checkpointNames().canonical(name) as string)!);
    expect(greatestDifference(found, floats(expected, name)), name).toBeLessThan(1e-6);
    const before = await readTensor(plain.tensors.get(checkpointNames().canonical(name) as string)!);
    expect(greatestDifference(before, floats(expected, name)), name).toBeGreaterThan(0.01);
  }
});

it("keeps the base's projector where none was trained along", async () => {
  const lora = temporaryFolder();
  cpSync(fixture("adapter"), lora, { recursive: true });
  rmSync(join(lora, "non_lora_trainables.bin"));
  const [{ tensors }, plain] = [await openCheckpoint(base, { lora }), await openCheckpoint(base)];
  const [found, before] = [await readTensor(tensors.get(bias)!), await readTensor(plain.tensors.get(bias)!)];
  expect(greatestDifference(found, before)).toBe(0);
});

it("may hold a copy of its checkpoint's configuration, but not that of the original layout", async () => {
  const lora = temporaryFolder();
  cpSync(fixture("adapter"), lora, { recursive: true });
  cpSync(join(base, "config.json"), join(lora, "config.json"));
  const [{ tensors }, plain] = [await openCheckpoint(base, { lora }), await openCheckpoint(base)];
  const [found, before] = [await readTensor(tensors.get(bias)!), await readTensor(plain.tensors.get(bias)!)];
  expect(greatestDifference(found, before)).toBeGreaterThan(0);
  writeFileSync(join(lora, "config.json"), JSON.stringify({ mm_projector_type: "mlp2x_gelu" }));
  const error = await refusal("UNSUPPORTED_MODEL", () => openCheckpoint(base, { lora }));
  expect(error.message).toContain("a base language model");
});

it("belongs to that checkpoint, not to a language model without eyes", async () => {
  const vicuna = goldenPath("lora/lora-a/tiny-vicuna");
  const error = await refusal("NOT_FOUND", () => openCheckpoint(vicuna, { lora: fixture("adapter") }));
  expect(error.message).toContain("config.json");
});
