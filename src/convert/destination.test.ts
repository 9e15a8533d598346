import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkDestination, followLinks } from "./destination.js";

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

it("follows a link to a folder, and refuses one that leads nowhere", async () => {
  const link = join(folder, "link");
  await symlink(join(folder, "onnx"), link, "junction");
  expect(await followLinks(link)).toBe(await realpath(join(folder, "onnx")));
  expect(await followLinks(join(folder, "new"))).toBe(join(folder, "new"));
  await rm(join(folder, "onnx"), { recursive: true });
  await expect(checkDestination(await followLinks(link), true, ours)).rejects.toMatchObject({
    code: "INVALID_OPTION",
    message: expect.stringContaining("not a folder"),
  });
});

it("refuses a folder in which a link was put", async () => {
  await symlink(tmpdir(), join(folder, "pictures"), "junction");
  await expect(checkDestination(folder, true, ours)).rejects.toThrow("found pictures.");
});

it.runIf(process.platform === "linux")("refuses a mount point at once", async () => {
  await expect(checkDestination("/proc", true, ours)).rejects.toMatchObject({
    code: "INVALID_OPTION",
    message: expect.stringMatching(/mount point.*folder inside it/),
  });
});
