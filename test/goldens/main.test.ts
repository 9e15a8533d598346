import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const recorded = join(root, "test/fixtures/goldens/llava");
const temporary = mkdtempSync(join(tmpdir(), "prumerge-goldens-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

function goldens(...words: string[]): SpawnSyncReturns<string> {
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  return spawnSync(process.execPath, [tsx, join(root, "test/goldens/main.ts"), ...words], {
    encoding: "utf8",
  });
}

/** A folder with one reduced case of one model, changed by `change`. */
function folderWith(name: string, change: (expected: { greedy_ids: number[] }) => void): string {
  const folder = join(temporary, name);
  const family = join(folder, "llava");
  mkdirSync(family, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(recorded, "manifest.json"), "utf8"));
  const [chosen] = manifest.cases.filter(
    (one: { name: string }) => one.name === "tiny-llava-gqa-tied-prumerge",
  );
  change(chosen.expected);
  writeFileSync(join(family, "manifest.json"), JSON.stringify({ cases: [chosen] }));
  for (const file of [".png", ".tensors.safetensors", ""]) {
    cpSync(join(recorded, `tiny-llava-gqa-tied${file}`), join(family, `tiny-llava-gqa-tied${file}`), {
      recursive: true,
    });
  }
  mkdirSync(join(folder, "others"), { recursive: true });
  writeFileSync(join(folder, "others", "manifest.json"), JSON.stringify({ cases: [{ name: "other" }] }));
  return folder;
}

describe("npm run goldens", () => {
  test("prints a line per case and totals per family, and succeeds", () => {
    const { status, stdout } = goldens(folderWith("whole", () => undefined));
    expect(stdout).toContain("passed        llava planner tiny-llava-gqa-tied-prumerge\n");
    expect(stdout).toContain("passed        llava in-graph tiny-llava-gqa-tied-prumerge\n");
    expect(stdout).toMatch(/not covered {3}others - other: /);
    expect(stdout).toMatch(/llava +planner +1 passed, 0 defined by us, 0 not covered, 0 missed/);
    expect(status).toBe(0);
  });

  test("fails where one number differs", () => {
    const { status, stdout } = goldens(folderWith("changed", ({ greedy_ids }) => greedy_ids.splice(5, 1, 7)));
    expect(stdout).toMatch(/missed {8}llava planner tiny-llava-gqa-tied-prumerge: greedy /);
    expect(status).toBe(1);
  });

  test("fails where nothing was replayed", () => {
    const empty = join(temporary, "empty");
    mkdirSync(empty);
    expect(goldens(empty).status).toBe(1);
    expect(goldens(join(temporary, "missing")).status).toBe(2);
  });
});
