import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Names that a process leaves in its temporary folder. */
function leftBy(words: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), "prumerge-telemetry-"));
  folders.push(folder);
  // Nothing else of the environment: the runtime holds itself back where it sees a build machine.
  const { PATH, HOME } = process.env;
  const { status, stderr } = spawnSync(process.execPath, words, {
    cwd: at("."),
    env: { PATH, HOME, TMPDIR: folder },
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  return readdirSync(folder);
}

describe.runIf(process.platform === "linux")("ONNX Runtime's telemetry", () => {
  it("is on by itself, and leaves a log in the temporary folder", () => {
    const graph = JSON.stringify(at("models/pocket-llava/onnx/projector_fp16.onnx"));
    const open = `import("onnxruntime-node").then((ort) => ort.default.InferenceSession.create(${graph}))`;
    expect(leftBy(["-e", open]).join(" ")).toContain("mat-debug");
  });

  it("is off when we run a model, with sessions in workers", () => {
    const picture = at("models/pocket-llava/samples/sample_3.png");
    expect(leftBy([at("dist/cli/main.js"), "ask", picture, "Where is the bear?", "--quiet"])).toEqual([]);
  });
});
