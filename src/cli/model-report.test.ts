import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { nextCheckpoint } from "../../test/support/next-checkpoint.js";
import { refusal } from "../../test/support/refusal.js";
import { convert } from "../convert/index.js";
import { formatModel } from "./format-model.js";
import { readGeometry } from "./model-geometry.js";
import { inspectModel, listFiles } from "./model-report.js";

const folder = mkdtempSync(join(tmpdir(), "prumerge-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("lists the files of a snapshot in the hub's cache, which are links", async () => {
  const [blobs, snapshot] = [join(folder, "blobs"), join(folder, "snapshot")];
  mkdirSync(blobs);
  mkdirSync(join(snapshot, "onnx"), { recursive: true });
  writeFileSync(join(blobs, "1"), "{}");
  writeFileSync(join(blobs, "2"), "weights");
  writeFileSync(join(snapshot, "own.txt"), "own");
  symlinkSync("../blobs/1", join(snapshot, "config.json"));
  symlinkSync("../../blobs/2", join(snapshot, "onnx", "vision.onnx"));
  symlinkSync("../blobs/3", join(snapshot, "gone.json"));
  expect(await listFiles(snapshot)).toEqual([
    { path: "config.json", bytes: 2 },
    { path: "onnx/vision.onnx", bytes: 7 },
    { path: "own.txt", bytes: 3 },
  ]);
});

it("tells of pictures in tiles what holds for each view", async () => {
  const model = join(folder, "next");
  await convert(nextCheckpoint(), model, { workers: 0 });
  const { signal } = new AbortController();
  const report = await inspectModel(model, signal);
  expect(report).toMatchObject({ spec: { family: "llava-next" }, views: 5, patches: 64, bakedTokens: null });
  const text = formatModel(report, 200);
  expect(text).toContain("the whole and up to 4 tiles");
  expect(text).toContain("for each unreduced view of a picture");
  const cost = await refusal("INVALID_OPTION", () => readGeometry(model, undefined, signal));
  expect(cost.message).toMatch(/depend on the picture.s size.*llava-next/);
});

it("tells of visual tokens that are blocks of patches how many there are, and of pictures split by their longest edge the views", async () => {
  const model = join(folder, "smolvlm");
  const recorded = new URL("../../test/fixtures/goldens/smolvlm/tiny-idefics3", import.meta.url);
  await convert(fileURLToPath(recorded), model, { workers: 0 });
  const report = await inspectModel(model, new AbortController().signal);
  expect(report).toMatchObject({ spec: { family: "smolvlm" }, views: 5, patches: 64, sites: 16 });
  const text = formatModel(report, 200);
  expect(text).toContain("8 x 8 = 64 patches, 16 visual tokens of 4 each");
  expect(text).toContain("8.19 kB for each unreduced view of a picture");
});
