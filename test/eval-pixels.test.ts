import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TinyModel, tinyModels } from "./support/tiny-models.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const models = tinyModels();
const folders = new Map<TinyModel, string>();
beforeAll(async () => {
  for (const name of ["qwen", "next"] as const) folders.set(name, await models.convert(name));
});
afterAll(() => models.remove());

function evaluate(name: TinyModel, out: string, ...words: string[]) {
  const about = ["--data", join(root, "benchmarks/pocket"), "--limit", "2", "--method", "none", "--quiet"];
  const of = ["--model", folders.get(name)!, "--out", join(models.folder, out), "--max-new-tokens", "1"];
  const all = [join(root, "dist/cli/main.js"), "eval", "pope", ...about, ...of, ...words];
  return spawnSync(process.execPath, all, { encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } });
}

/** Of the run's answers what the model was given, and their keys. */
function answers(out: string): { unreducedTokens: number; key: string }[] {
  const lines = readFileSync(join(models.folder, out, "journal.jsonl"), "utf8")
    .trim()
    .split("\n")
    .slice(1);
  return lines.map((line) => JSON.parse(line));
}

describe("prumerge eval of a model that takes pictures of any size", () => {
  it("shows it as many pixels as are asked for, and says so of the run and in every key", () => {
    expect(evaluate("qwen", "usual")).toMatchObject({ status: 0 });
    expect(evaluate("qwen", "small", "--max-pixels", "20000")).toMatchObject({ status: 0 });
    const [usual, small] = [answers("usual"), answers("small")];
    expect(small).toHaveLength(usual.length);
    for (const [at, answer] of small.entries()) {
      expect(answer.unreducedTokens).toBeLessThan(usual[at]!.unreducedTokens);
      expect(answer.unreducedTokens).toBeLessThanOrEqual(20_000 / 28 ** 2);
      expect(answer.key).not.toBe(usual[at]!.key);
    }
    const { generation } = JSON.parse(readFileSync(join(models.folder, "small/run.json"), "utf8"));
    expect(generation).toMatchObject({ maxPixels: 20_000 });
    expect(generation).not.toHaveProperty("minPixels");
    const other = evaluate("qwen", "small", "--max-pixels", "30000");
    expect(other.status).toBe(2);
    expect(other.stderr).toContain("differs in --max-pixels");
  });

  it("refuses limits of another model, and limits that cannot be, before a question is asked", () => {
    for (const [name, words] of [
      ["next", ["--max-pixels", "20000"]],
      ["qwen", ["--min-pixels", "20000", "--max-pixels", "10000"]],
    ] as const) {
      const { status, stderr } = evaluate(name, `refused-${name}`, ...words);
      expect([name, status]).toEqual([name, 2]);
      expect(stderr).toMatch(/pixels/i);
    }
  });
});
