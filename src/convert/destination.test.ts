import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkDestination } from "./destination.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "prumerge-destination-"));
  await mkdir(join(folder, "onnx"));
  await writeFile(join(folder, "config.json"), "{}");
  await writeFile(join(folder, "onnx", "a.onnx"), "");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ours = async () => new Set(["config.json", "onnx/a.onnx"]);

describe.each([
  ["an absolute path", () => folder],
  ["a relative path", () => relative(process.cwd(), folder)],
  ["a path with a slash at its end", () => `${folder}/`],
])("%s", (_, path) => {
  it("may be replaced where all files are the converter's", async () => {
    await checkDestination(path(), true, ours);
  });

  it("is refused with the name of a file that is not", async () => {
    await writeFile(join(folder, "onnx", "notes.txt"), "");
    await expect(checkDestination(path(), true, ours)).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringContaining(`found ${join("onnx", "notes.txt")}.`),
    });
  });
});
