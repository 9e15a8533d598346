import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { listFiles } from "./model-report.js";

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
