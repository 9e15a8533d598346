import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { writeOutput } from "./write-output.js";

const folder = mkdtempSync(join(tmpdir(), "prumerge-write-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { signal } = new AbortController();

describe("writeOutput", () => {
  it("keeps a link, whether or not something is at its end yet", async () => {
    mkdirSync(join(folder, "real"));
    symlinkSync("second.txt", join(folder, "link.txt"));
    symlinkSync(join("real", "file.txt"), join(folder, "second.txt"));
    for (const content of ["first", "again"]) {
      await writeOutput(join(folder, "link.txt"), content, signal);
      expect(readFileSync(join(folder, "real", "file.txt"), "utf8")).toBe(content);
    }
    for (const name of ["link.txt", "second.txt"])
      expect(lstatSync(join(folder, name)).isSymbolicLink()).toBe(true);
    expect(readdirSync(join(folder, "real"))).toEqual(["file.txt"]);
  });

  it("refuses a link into a folder that is not there, and a ring of links", async () => {
    symlinkSync(join("nowhere", "file.txt"), join(folder, "lost.txt"));
    symlinkSync("ring.txt", join(folder, "ring.txt"));
    await expect(writeOutput(join(folder, "lost.txt"), "", signal)).rejects.toThrow(/lost\.txt: .*ENOENT/);
    await expect(writeOutput(join(folder, "ring.txt"), "", signal)).rejects.toThrow(/ring\.txt: links/);
    for (const name of ["lost.txt", "ring.txt"])
      expect(lstatSync(join(folder, name)).isSymbolicLink()).toBe(true);
  });
});
