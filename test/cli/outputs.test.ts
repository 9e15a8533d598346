import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { prumerge, samples } from "../support/command-line.js";
import { runInProcess } from "../support/run-in-process.js";

const picture = join(samples, "sample_1.png");
const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "prumerge-outputs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("output files", () => {
  it("does not replace a folder or a pipe", async () => {
    const taken = join(folder, "taken.npy");
    mkdirSync(taken);
    const { status, stderr } = await runInProcess(["encode", picture, "-o", taken]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/taken\.npy: .*found a folder\n$/)]);
    const pipe = join(folder, "pipe.npy");
    spawnSync("mkfifo", [pipe]);
    const refused = await runInProcess(["encode", picture, "-o", pipe]);
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining("device or pipe")]);
    expect(lstatSync(pipe).isFIFO()).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(["pipe.npy", "taken.npy"]);
  });

  it("writes through a link", async () => {
    const [real, link] = [join(folder, "real.npy"), join(folder, "link.npy")];
    copyFileSync(picture, real);
    symlinkSync(real, link);
    expect((await runInProcess(["encode", picture, "-o", link, "--quiet"])).status).toBe(0);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(real).subarray(1, 6).toString()).toBe("NUMPY");
  });

  it("takes .npy files only, so that a picture is not overwritten", async () => {
    const { status, stderr } = await runInProcess(["encode", picture, "-o", join(folder, "photo.png")]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(".npy")]);
    expect(existsSync(join(folder, "photo.png"))).toBe(false);
  });

  it("does not draw over the picture itself", async () => {
    const photo = join(folder, "mine.png");
    copyFileSync(picture, photo);
    const { status, stderr } = await prumerge(["inspect", "mine.png", "-o", photo], { cwd: folder });
    expect([status, stderr]).toEqual([2, expect.stringContaining("would replace the picture")]);
    expect(readFileSync(photo).equals(readFileSync(picture))).toBe(true);
  });

  it("says where it could not write, without names of its own", async () => {
    const { status, stderr } = await runInProcess(["encode", picture, "-o", join(folder, "no", "where.npy")]);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/where\.npy: .*found ENOENT: [a-z ]+\n$/)]);
  });
});

it.runIf(existsSync("/dev/full"))("says that standard output is full", () => {
  const { status, stderr } = spawnSync(
    "/bin/sh",
    ["-c", '"$0" "$1" info > /dev/full', process.execPath, main],
    {
      encoding: "utf8",
    },
  );
  expect([status, stderr]).toEqual([
    1,
    expect.stringMatching(/^prumerge: standard output: the disk is full\nMake room/),
  ]);
});
