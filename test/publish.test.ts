import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const check = fileURLToPath(new URL("../.ci/before-publish.mjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "prumerge-publish-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ready = {
  version: "1.2.3",
  repository: { type: "git", url: "git+https://example.org/somebody/prumerge.git" },
  bugs: { url: "https://example.org/somebody/prumerge/issues" },
  homepage: "https://example.org/somebody/prumerge",
  bin: { prumerge: "dist/main.js" },
};

/** What the check says of a package. */
function publish(manifest: object, changelog = "# Changelog\n\n## 1.2.3\n\n- All.\n\n## 1.2.2\n"): string {
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, "CHANGELOG.md"), changelog);
  const { status, stderr } = spawnSync(process.execPath, [check], { cwd: folder, encoding: "utf8" });
  expect(status).toBe(stderr === "" ? 0 : 1);
  return stderr;
}

describe("before a package is published", () => {
  it("what is ready passes", () => {
    mkdirSync(join(folder, "dist"));
    writeFileSync(join(folder, "dist/main.js"), "");
    expect(publish(ready)).toBe("");
  });

  it.each([
    ["no repository", { repository: undefined }, /no repository\.url/],
    ["a repository without an address", { repository: { url: "somebody/prumerge" } }, /no repository\.url/],
    ["nowhere for bugs", { bugs: {} }, /no bugs\.url/],
    ["no home page", { homepage: undefined }, /no homepage/],
    [
      "a version without its changes",
      { version: "1.3.0" },
      /begins with 1\.2\.3, and the version is 1\.3\.0/,
    ],
    ["nothing built", { bin: { prumerge: "dist/other.js" } }, /dist\/other\.js is not built/],
  ])("%s is refused", (_, change, message) => {
    expect(publish({ ...ready, ...change })).toMatch(message);
  });

  it("changes that are not released are refused", () => {
    expect(publish(ready, "# Changelog\n\n## 1.2.3 (unreleased)\n")).toMatch(
      /begins with 1\.2\.3 \(unreleased\)/,
    );
  });
});
