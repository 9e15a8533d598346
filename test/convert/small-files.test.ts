import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadModel } from "prumerge";
import { convert } from "prumerge/convert";
import { describe, expect, it } from "vitest";
import { changedCopy, goldenPath, temporaryFolder, writeJson } from "../support/checkpoint-folder.js";
import { tokenizerCases } from "../support/tokenizer-cases.js";

const llama = "llava/tiny-llava-llama";
const json = (path: string) => JSON.parse(readFileSync(path, "utf8"));

/** A checkpoint whose processor_config.json was saved later than the file beside it. */
function staleCheckpoint(): string {
  const folder = changedCopy(llama, {});
  const processor = json(join(folder, "processor_config.json"));
  Object.assign(processor.image_processor, { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] });
  writeJson(folder, "processor_config.json", processor);
  return folder;
}

describe("small files that disagree", () => {
  it("are settled as transformers settles them, with a note, and the folder says one thing", async () => {
    const notes: string[] = [];
    const path = join(temporaryFolder(), "model");
    const options = { dtype: "fp32", workers: 0, onNote: (note: string) => void notes.push(note) } as const;
    const { preprocessing } = await convert(staleCheckpoint(), path, options);
    expect(preprocessing.mean).toEqual([0.5, 0.5, 0.5]);
    expect(json(join(path, "preprocessor_config.json")).image_mean).toEqual([0.5, 0.5, 0.5]);
    expect(notes).toEqual([expect.stringContaining("preprocessor_config.json differs")]);
  });

  it("are noted on standard error, and not when quiet", () => {
    const command = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
    const source = staleCheckpoint();
    const run = (...more: string[]) => {
      const path = join(temporaryFolder(), "model");
      const shell = '"$@" 2>&1';
      const line = [process.execPath, command, "convert", source, path, "--dtype", "fp32", ...more];
      return execFileSync("sh", ["-c", shell, "sh", ...line], { encoding: "utf8" });
    };
    expect(run()).toMatch(/^Note: Pictures are prepared as image_processor of processor_config\.json says/m);
    expect(run("--quiet")).toBe("");
  });

  it("are settled in folders of other exporters too", async () => {
    const path = join(temporaryFolder(), "model");
    await convert(goldenPath(llama), path, { dtype: "fp32", workers: 0 });
    for (const own of ["prumerge.json", "onnx/vision.onnx", "onnx/decoder.onnx", "onnx/projector.onnx"])
      rmSync(join(path, own));
    const processor = json(join(path, "processor_config.json"));
    const image_processor = { ...json(join(path, "preprocessor_config.json")), image_mean: [0.5, 0.5, 0.5] };
    writeJson(path, "processor_config.json", { ...processor, image_processor, chat_template: "P" });
    const model = await loadModel(path, { worker: false, threads: 1 });
    try {
      expect(model.preprocessing.mean).toEqual([0.5, 0.5, 0.5]);
      expect(model.notes.join("\n")).toMatch(/preprocessor_config\.json differs/);
      expect(model.notes.join("\n")).toMatch(/The chat template is that of processor_config\.json/);
    } finally {
      await model.dispose();
    }
  });
});

it("the documented way to an adapter repairs special tokens that are marked as normalized", async () => {
  const part = (name: string) => goldenPath(`lora/lora-a/${name}`);
  const path = join(temporaryFolder(), "model");
  await convert(part("tiny-vicuna"), path, {
    dtype: "fp32",
    workers: 0,
    lora: part("llava-tiny-lora"),
    visionTower: part("tiny-clip-24L"),
  });
  const { createTokenizer } = await import("../../dist/generate/tokenizer.js");
  const written = createTokenizer(
    json(join(path, "tokenizer.json")),
    json(join(path, "tokenizer_config.json")),
    path,
  );
  const { texts } = tokenizerCases()[0]!;
  for (const { text, ids } of texts)
    expect(written.encode(text, { add_special_tokens: true }).ids).toEqual(ids);
});
