import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findGraphs } from "./model-folder.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "prumerge-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function hold(...names: string[]): void {
  mkdirSync(join(folder, "onnx"), { recursive: true });
  for (const name of names) writeFileSync(join(folder, "onnx", name), "");
}

it("prefers our form over the common one, and the tower in its own precision", async () => {
  hold("vision.onnx", "vision_encoder.onnx", "decoder_q4.onnx", "decoder_model_merged_q4.onnx");
  hold("embed_tokens_q4.onnx", "projector.onnx", "decoder_q4.onnx_data");
  for (const dtype of [undefined, "q4"] as const) {
    expect(await findGraphs(folder, dtype)).toEqual({
      folder,
      vision: { path: join(folder, "onnx/vision.onnx"), form: "ours" },
      projector: join(folder, "onnx/projector.onnx"),
      embedTokens: join(folder, "onnx/embed_tokens_q4.onnx"),
      decoder: { path: join(folder, "onnx/decoder_q4.onnx"), form: "ours" },
    });
  }
});

it("finds the graphs of reductions beside the first, in the same precision", async () => {
  hold("vision_fp16.onnx", "vision_cover.onnx", "decoder_q4.onnx", "vision_other_fp16.onnx");
  expect((await findGraphs(folder)).vision).not.toHaveProperty("others");
  hold("vision_cover_fp16.onnx");
  expect((await findGraphs(folder)).vision).toMatchObject({ form: "ours", others: ["cover"] });
});

it("takes the most precise of several, or the one asked for", async () => {
  hold(
    "decoder_model_merged_q4.onnx",
    "decoder_model_merged_quantized.onnx",
    "decoder_model_merged_fp16.onnx",
  );
  hold("vision_encoder_fp16.onnx", "vision_encoder_q4.onnx");
  const path = async (dtype?: "q8" | "q4") => (await findGraphs(folder, dtype)).decoder;
  expect(await path()).toEqual({ path: join(folder, "onnx/decoder_model_merged_fp16.onnx"), form: "common" });
  expect((await path("q8"))?.path).toBe(join(folder, "onnx/decoder_model_merged_quantized.onnx"));
  expect((await findGraphs(folder, "q4")).vision?.path).toBe(join(folder, "onnx/vision_encoder_q4.onnx"));
  expect((await findGraphs(folder, "q8")).vision?.path).toBe(join(folder, "onnx/vision_encoder_fp16.onnx"));
});

it("says which language model is missing", async () => {
  hold("decoder_q4.onnx", "vision.onnx");
  await expect(findGraphs(folder, "fp16")).rejects.toMatchObject({
    code: "NOT_FOUND",
    details: { expected: "onnx/decoder_fp16.onnx", found: "decoder_q4.onnx" },
  });
});

it("refuses a dtype that there is not", async () => {
  hold("decoder_q4.onnx", "vision.onnx");
  await expect(findGraphs(folder, "q5" as never)).rejects.toMatchObject({
    code: "INVALID_OPTION",
    details: { where: "dtype", expected: "fp32, fp16, q8, int8, q4" },
  });
});

it("finds graphs that lie in the folder itself, and one side alone", async () => {
  writeFileSync(join(folder, "vision.onnx"), "");
  expect(await findGraphs(folder)).toEqual({
    folder,
    vision: { path: join(folder, "vision.onnx"), form: "ours" },
  });
});

it("refuses a folder without graphs", async () => {
  await expect(findGraphs(folder)).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(findGraphs(join(folder, "nowhere"))).rejects.toMatchObject({ code: "NOT_FOUND" });
});
