import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isModelFolder, readModelFolder } from "./model-folder.js";

const bundled = fileURLToPath(new URL("../../models/pocket-llava", import.meta.url));
const formatOne = new URL("../../test/fixtures/pocket-llava/format-1/prumerge.json", import.meta.url);
let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "prumerge-folder-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A folder with the bundled model's manifest, changed, and with the one file that it then lists. */
async function folderWith(changes: Record<string, unknown>): Promise<string> {
  const manifest = JSON.parse(await readFile(join(bundled, "prumerge.json"), "utf8"));
  const files = [{ path: "chat_template.jinja", bytes: 5 }];
  await writeFile(join(folder, "chat_template.jinja"), "hello");
  await mkdir(join(folder, "onnx"), { recursive: true });
  await writeFile(join(folder, "onnx", "vision.onnx"), "hello");
  await writeFile(join(folder, "prumerge.json"), JSON.stringify({ ...manifest, files, ...changes }));
  return folder;
}

describe("readModelFolder", () => {
  it("gives absolute graph paths and the chat template", async () => {
    const model = await readModelFolder(await folderWith({}));
    expect(await isModelFolder(folder)).toBe(true);
    expect(model.graphs.vision).toBe(join(folder, "onnx", "vision_fp16.onnx"));
    expect(model.chatTemplate).toBe("hello");
    expect(model.spec.language.hiddenSize).toBe(256);
  });

  it("reads what was written before families had names", async () => {
    const manifest = JSON.parse(await readFile(formatOne, "utf8"));
    expect(manifest).toMatchObject({ format: 1 });
    expect(manifest.spec).not.toHaveProperty("family");
    const old = await folderWith({ format: 1, spec: manifest.spec });
    expect((await readModelFolder(old)).spec.family).toBe("llava");
    const spec = { family: "llava-next", ...manifest.spec, unpad: "original" };
    expect((await readModelFolder(await folderWith({ format: 2, spec }))).spec).toEqual(spec);
  });

  it("lets people edit texts", async () => {
    const model = await readModelFolder(
      await folderWith({ files: [{ path: "chat_template.jinja", bytes: 6 }] }),
    );
    expect(model.chatTemplate).toBe("hello");
  });

  const refusals: [string, string, RegExp, Record<string, unknown>][] = [
    ["a file that is missing", "NOT_FOUND", /config\.json/, { files: [{ path: "config.json", bytes: 1 }] }],
    [
      "a file that was cut off",
      "INVALID_FILE",
      /vision\.onnx: .*6 bytes.*5 bytes/,
      { files: [{ path: "onnx/vision.onnx", bytes: 6 }] },
    ],
    [
      "a newer format",
      "INVALID_FILE",
      /a newer format.*format 2.*format 3.*Update.*prumerge convert/,
      { format: 3 },
    ],
    [
      "an older format",
      "INVALID_FILE",
      /format 2, found format 0\. Convert the checkpoint \(.+\) again: prumerge convert CHECKPOINT FOLDER/,
      { format: 0 },
    ],
    ["a format by name", "INVALID_FILE", /format 2, found format "1"\. Convert/, { format: "1" }],
    ["no format", "INVALID_FILE", /format 2, found no format\. Convert/, { format: undefined }],
    [
      "a family that is not known",
      "UNSUPPORTED_MODEL",
      /family that is not known here.*llava, llava-next.*"blind"/,
      { format: 2, spec: { family: "blind" } },
    ],
    ["a spec without a family", "INVALID_FILE", /spec/, { format: 2, spec: {} }],
    ["an unknown key", "INVALID_FILE", /surprise/, { surprise: 1 }],
    ["no end of answers", "INVALID_FILE", /eosTokenIds/, { eosTokenIds: [] }],
    ["paths that climb", "INVALID_FILE", /below the model folder/, { files: [{ path: "../x", bytes: 1 }] }],
    [
      "absolute paths",
      "INVALID_FILE",
      /below the model folder/,
      { files: [{ path: "/etc/passwd", bytes: 1 }] },
    ],
    ["paths that climb in the middle", "INVALID_FILE", /below/, { files: [{ path: "a/../../x", bytes: 1 }] }],
  ];
  it.each(refusals)("refuses %s", async (_, code, message, changes) => {
    const reading = readModelFolder(await folderWith(changes));
    await expect(reading).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("refuses what is no model folder, or no JSON", async () => {
    expect(await isModelFolder(folder)).toBe(false);
    await expect(readModelFolder(folder)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("prumerge convert"),
    });
    await writeFile(join(folder, "prumerge.json"), "{");
    await expect(readModelFolder(folder)).rejects.toMatchObject({ code: "INVALID_FILE" });
  });
});
