import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { changedCopy } from "../../../test/support/checkpoint-folder.js";
import { refusal } from "../../../test/support/refusal.js";
import { Notes } from "./notes.js";
import { openCheckpoint } from "./open-checkpoint.js";
import { readWeightFile } from "./weight-files.js";

const file = (name: string) =>
  fileURLToPath(new URL(`../../../test/fixtures/kept-weights/torch/${name}.bin`, import.meta.url));

it("numbers and words beside tensors are passed over and said", async () => {
  const notes = new Notes();
  const tensors = await readWeightFile(file("flat-with-epoch"), notes);
  expect([...tensors.keys()]).toEqual(["weight", "bias"]);
  expect(notes.lines).toEqual([expect.stringMatching(/3 entries .*: epoch, note, loss$/)]);
});

describe("what is no state dictionary is refused as what it is", () => {
  it.each<[string, RegExp]>([
    [
      "state-dict",
      /a training checkpoint with the weights under "state_dict", beside epoch.*\["state_dict"\]/s,
    ],
    ["model-and-optimizer", /under "model", beside optimizer, scheduler, epoch/],
    ["model-state-dict", /under "model_state_dict", beside epoch, optimizer_state_dict/],
    ["two-models", /under "model" and "ema"/],
    ["deepspeed", /under "module", beside buffer_names, optimizer, ds_config, ds_version/],
    [
      "lightning",
      /under "state_dict", beside epoch, global_step, pytorch-lightning_version, loops and 5 more/,
    ],
    ["deeper", /under "checkpoint"/],
    ["optimizer", /an optimizer's state/],
    ["scheduler", /a dictionary of start_factor/],
    ["list", /found a list/],
    ["tensor", /found one tensor/],
  ])("%s", async (name, message) => {
    const error = await refusal("INVALID_FILE", () => readWeightFile(file(name), new Notes()));
    expect(error.message.startsWith(file(name))).toBe(true);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain("damaged");
  });

  it.each<[string, RegExp]>([
    [
      "with-settings",
      /argparse\.Namespace, in a training checkpoint with the weights under "model", beside args, seen/,
    ],
    ["default-dictionary", /defaultdict, in a training checkpoint with the weights under "model"/],
    [
      "whole-module",
      /torch\.nn\.modules\.linear\.Linear, in a whole object, torch\.nn\.modules\.linear\.Linear/,
    ],
  ])("%s, which asks for more than tensors", async (name, message) => {
    const error = await refusal("UNSAFE_PICKLE", () => readWeightFile(file(name), new Notes()));
    expect(error.message).toMatch(message);
    expect(error.message).toContain("nothing of the file was executed");
    expect(error.details.help).toContain("If you trust the file");
  });

  it("in a checkpoint's folder", async () => {
    const folder = changedCopy("llava/tiny-llava-llama", { without: ["model.safetensors"] });
    cpSync(file("state-dict"), join(folder, "pytorch_model.bin"));
    const error = await refusal("INVALID_FILE", () => openCheckpoint(folder));
    expect(error.message).toContain("training checkpoint");
  });
});
