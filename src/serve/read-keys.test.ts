import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readBackendKey, readKeys } from "./read-keys.js";

const folder = mkdtempSync(join(tmpdir(), "prumerge-keys-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(content: string): string {
  const path = join(folder, "keys.txt");
  writeFileSync(path, content);
  return path;
}

describe("readKeys", () => {
  it("takes several keys that nobody guesses", async () => {
    const path = file("# ours\n\nabcdefgh-0123456789\r\n  abcdefgh-9876543210\n");
    expect(await readKeys(path)).toEqual(["abcdefgh-0123456789", "abcdefgh-9876543210"]);
    await expect(readKeys(file("abcdefgh-0123456789\nshort\n"))).rejects.toThrow(/line 2: .*too weak/);
  });
});

describe("readBackendKey", () => {
  it("takes a key as its server made it", async () => {
    for (const key of ["short", "x".repeat(2000)])
      expect(await readBackendKey(file(`# vLLM's\n${key}\n`))).toBe(key);
  });

  it.each([
    ["first\n\nsecond\n", /line 3: a second key/],
    ["two words\n", /line 1: an API key that cannot be sent/],
    ["schl\u00fcssel\n", /cannot be sent/],
    ["# none\n", /without a key/],
  ])("refuses %j", async (content, message) => {
    const refused = readBackendKey(file(content));
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.not.toThrow(/second\n|two words|schl/);
  });

  it("says that there is no file", async () => {
    await expect(readBackendKey(join(folder, "nowhere"))).rejects.toThrow(/cannot be read/);
  });
});
