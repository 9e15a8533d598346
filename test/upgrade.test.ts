import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cover, createReducer, loadModel, visionZip } from "prumerge";
import { convert } from "prumerge/convert";
import { afterAll, describe, expect, it } from "vitest";
import { prumerge } from "./support/command-line.js";
import { runInProcess } from "./support/run-in-process.js";

/** What docs/upgrade.md says, tried on what version 0.1.0 wrote. */
const written = fileURLToPath(new URL("fixtures/version-0.1", import.meta.url));
const golden = fileURLToPath(new URL("fixtures/goldens/llava/tiny-llava-llama", import.meta.url));
const read = (name: string) => JSON.parse(readFileSync(join(written, name), "utf8"));
const temporary = mkdtempSync(join(tmpdir(), "prumerge-upgrade-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

function copy(name: "folder" | "run", as: string): string {
  const path = join(temporary, as);
  cpSync(join(written, name), path, { recursive: true });
  return path;
}

describe("a model folder of 0.1", () => {
  const picture = `${golden}.png`;
  const notSeen =
    /vision_fp16\.onnx: this folder's vision graph does not show.* Convert the checkpoint again/;

  it("answers as it did, token for token", async () => {
    expect(read("folder/prumerge.json")).toMatchObject({ format: 1, writtenBy: "prumerge 0.1.0" });
    const recorded: { method: string; visualTokens: number; promptTokens: number; tokenIds: number[] }[] =
      read("answers.json");
    const model = await loadModel(join(written, "folder"), { worker: false });
    for (const { method, ...expected } of recorded) {
      const reducer = createReducer(method, {}, method === "none" ? undefined : { kind: "exact", rows: 16 });
      const seen = await model.see(picture, reducer);
      const options = { maxNewTokens: 12, reusePrefix: false } as const;
      const { tokenIds, promptTokens } = await model.answer(seen, "What is it?", options).result;
      const answered = { visualTokens: seen.statistics.visualTokens, promptTokens, tokenIds: [...tokenIds] };
      expect(answered, method).toEqual(expected);
    }
    await model.dispose();
  });

  it("refuses by name what its graphs have not, and says what to do", async () => {
    const model = await loadModel(join(written, "folder"), { worker: false });
    const reducer = cover({ tokens: 16 });
    const { embeddings, statistics } = await model.see(picture, reducer);
    expect([embeddings.rows, statistics.options.sizeBias]).toEqual([16, false]);
    await expect(model.see(picture, cover({ tokens: 16, sizeBias: true }))).rejects.toThrow(
      /takes no bias of rows; expected sizeBias: false.* Convert the checkpoint again/,
    );
    for (const positions of ["original", "far"] as const) {
      await expect(model.see(picture, reducer, { positions })).rejects.toThrow(
        /positions: .*expected contiguous.* Convert the checkpoint again/,
      );
    }
    await expect(model.see(picture, visionZip({ tokens: 16 }))).rejects.toThrow(notSeen);
    await model.dispose();
  });

  it("is converted again in its place, and has all of it then", async () => {
    const folder = copy("folder", "again");
    await expect(convert(golden, folder, { workers: 0 })).rejects.toThrow(/exists/);
    const options = { dtype: "q8", visionDtype: "fp16", workers: 0, overwrite: true } as const;
    expect(await convert(golden, folder, options)).toMatchObject({ spec: { family: "llava" } });
    const model = await loadModel(folder, { worker: false });
    for (const reducer of [cover({ tokens: 16 }), visionZip({ tokens: 16 })]) {
      const seen = await model.see(picture, reducer, { positions: "original" });
      expect(seen.place?.advance).toBe(64);
    }
    await model.dispose();
  });
});

describe("a run of 0.1", () => {
  it("is reported, budgets of its own spelling included", async () => {
    const folder = copy("run", "reported");
    expect(read("run/run.json")).toMatchObject({ format: 1, versions: { prumerge: "0.1.0" } });
    // The files were where they are no longer.
    const data = fileURLToPath(new URL("../benchmarks/pocket", import.meta.url));
    const words = ["report", folder, "--data", data, "-o", join(temporary, "report.md")];
    const { status, stderr } = await runInProcess(words);
    expect([status, stderr.includes("Note: Not run, so not drawn: uniform at 16.")]).toEqual([0, true]);
    const report = readFileSync(join(temporary, "report.md"), "utf8");
    for (const [name, score] of [
      ["unreduced", "77.8"],
      ["prumerge 16", "77.8"],
      ["random 16", "55.6"],
    ])
      expect(report).toMatch(new RegExp(`^\\| ${name} \\| \\d+ \\| ${score} `, "m"));
    expect(report).toContain("prumerge 0.1.0");
  });

  it("is not continued, and stays as it was", async () => {
    const folder = copy("run", "continued");
    const before = readFileSync(join(folder, "journal.jsonl"), "utf8");
    const data = fileURLToPath(new URL("../benchmarks/pocket", import.meta.url));
    const asked = ["--method", "none,prumerge,random", "--visual-tokens", "16", "--limit", "6"];
    const words = ["eval", "pope", "--data", data, ...asked, "--max-new-tokens", "4", "--out", folder];
    const { status, stderr } = await prumerge([...words, "--model", join(written, "folder"), "--quiet"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/a run that differs in prumerge's version; expected 0\.1\.0, found \d+\.\d+\.\d+/);
    expect(readFileSync(join(folder, "journal.jsonl"), "utf8")).toBe(before);
  });

  it("has answers that are scored anew", async () => {
    const data = fileURLToPath(new URL("../benchmarks/pocket", import.meta.url));
    const answers = join(written, "run/answers/pope/prumerge-16.jsonl");
    const words = ["score", "pope", "--data", data, "--answers", answers, "--only-answered"];
    const { status, stdout } = await runInProcess(words);
    expect([status, stdout.includes("77.78")]).toEqual([0, true]);
  });
});

describe("programs for 0.1", () => {
  it("find every name that was exported, but for those that the notes list", async () => {
    const { exports } = read("interface.json") as { exports: Record<string, string[]> };
    const gone: string[] = [];
    for (const [entry, names] of Object.entries(exports)) {
      const found = await import(entry);
      gone.push(...names.filter((name) => !(name in found)).map((name) => `${entry} ${name}`));
    }
    expect(gone).toEqual(["prumerge rowCount", "prumerge/reduce rowCount", "prumerge/browser rowCount"]);
    const notes = readFileSync(new URL("../docs/upgrade.md", import.meta.url), "utf8");
    expect(notes).toContain("`rowCount`");
  });

  it("find every option of the command line", async () => {
    const { options } = read("interface.json") as { options: Record<string, string[]> };
    expect(Object.keys(options).length).toBeGreaterThan(10);
    const gone: string[] = [];
    for (const [command, names] of Object.entries(options)) {
      const { stdout } = await runInProcess([command, "--help"]);
      gone.push(...names.filter((name) => !stdout.includes(name)).map((name) => `${command} ${name}`));
    }
    // Taken still, with a note that they decide nothing.
    expect(gone).toEqual(["report --resamples", "report --seed"]);
  });

  it("are told that a reducer of theirs says no budget", async () => {
    const model = await loadModel("pocket-llava", { worker: false });
    const old = { method: "mine", options: {}, plan: () => ({}), graphSettings: () => undefined };
    await expect(model.see(`${golden}.png`, old as never)).rejects.toThrow(
      /^reducer\.budget: a reducer that does not say its budget; expected \{ kind: "rule" \}/,
    );
    await model.dispose();
  });
});
