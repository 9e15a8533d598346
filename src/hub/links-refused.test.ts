import { lstat, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ModelCache } from "./cache.js";

const refused = vi.hoisted(() => ({ symlink: false, link: false }));
vi.mock("node:fs/promises", async (load) => {
  const real = await load<typeof import("node:fs/promises")>();
  const or = (name: "symlink" | "link") => async (target: string, path: string) => {
    if (refused[name]) throw Object.assign(new Error("operation not permitted"), { code: "EPERM" });
    return real[name](target, path);
  };
  return { ...real, symlink: or("symlink"), link: or("link") };
});

let home = "";
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "prumerge-links-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const commit = "a".repeat(40);
const digest = { kind: "git-sha1", hex: "b".repeat(40) } as const;
const file = { path: "onnx/decoder.onnx", size: 5, digest };

// As Windows does without the right to make links, and file systems that have none.
it.each([
  ["links are made", { symlink: false, link: false }, "link"],
  ["symbolic links are refused", { symlink: true, link: false }, "same file"],
  ["all links are refused", { symlink: true, link: true }, "copy"],
])("a snapshot is whole where %s", async (_, refusals, kind) => {
  Object.assign(refused, refusals);
  const cache = new ModelCache(home, "owner/name");
  const blob = cache.blob(digest);
  await mkdir(dirname(blob), { recursive: true });
  await writeFile(blob, "hello");
  await cache.place(commit, file, true);
  const placed = join(cache.snapshot(commit), "onnx", "decoder.onnx");
  expect(await readFile(placed, "utf8")).toBe("hello");
  expect(await cache.has(commit, file)).toBe(true);
  const [one, other] = await Promise.all([lstat(placed), lstat(blob)]);
  const found = one.isSymbolicLink() ? "link" : one.ino === other.ino ? "same file" : "copy";
  expect(found).toBe(kind);
});
