import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { refusal } from "../../test/support/refusal.js";
import { openFileSource } from "./file-source.js";

const folder = mkdtempSync(join(tmpdir(), "prumerge-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("reads ranges, many at once, and refuses those beyond the end", async () => {
  const path = join(folder, "numbers");
  writeFileSync(
    path,
    Uint8Array.from({ length: 1000 }, (_, i) => i),
  );
  const source = await openFileSource(path);
  expect(source.byteLength).toBe(1000);
  const slices = await Promise.all([0, 5, 990].map((start) => source.slice(start, start + 3)));
  expect(slices.map((bytes) => [...bytes])).toEqual([
    [0, 1, 2],
    [5, 6, 7],
    [990 % 256, 991 % 256, 992 % 256],
  ]);
  expect((await refusal("INVALID_FILE", () => source.slice(998, 1001))).message).toMatch(/truncated/);
  truncateSync(path, 10);
  await refusal("INVALID_FILE", () => source.slice(5, 20));
  await source.close();
});

it("says what cannot be read", async () => {
  await refusal("NOT_FOUND", () => openFileSource(join(folder, "nothing")));
  const error = await refusal("NOT_FOUND", () => openFileSource(folder));
  expect(error.message).toMatch(/regular file/);
});
