import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { loadModel } from "prumerge";
import {
  collectReport,
  evaluateModel,
  loadOwnMethods,
  planConfigurations,
  renderReport,
} from "prumerge/eval";
import { afterAll, describe, expect, it } from "vitest";
import { prumerge } from "./support/command-line.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const data = join(root, "benchmarks/pocket");
/** Somebody's folder outside of the repository, with prumerge installed in it. */
const folder = mkdtempSync(join(tmpdir(), "prumerge-researcher-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, "node_modules"));
symlinkSync(root, join(folder, "node_modules/prumerge"));

/** One file: patches drawn at random, and none beside another of the same row where there is a choice. */
const mine = `
import { oneHotPlan, rowRoom } from "prumerge/reduce";

export default {
  name: "spread-out",
  description: "patches drawn at random, spread over the rows",
  budgets: ["exact"],
  defaultBudget: { kind: "exact", rows: 64 },
  seeded: true,
  create({ seed = 0, step = 1 }, budget = { kind: "exact", rows: 64 }) {
    return {
      method: "spread-out",
      budget,
      options: { seed, step },
      plan(signals, room = rowRoom({ method: "spread-out", budget }, signals.patches.rows)) {
        const count = signals.patches.rows;
        const start = (seed * 7919) % count;
        const chosen = Array.from({ length: room.count }, (_, i) => (start + Math.floor((i * count) / room.count) * step) % count);
        return oneHotPlan(signals.grid, Int32Array.from(chosen).sort());
      },
    };
  },
};
`;
writeFileSync(join(folder, "mine.js"), mine);

const evaluate = (out: string, ...more: string[]) =>
  prumerge(["eval", "pope", "gqa", "--data", data, "--limit", "6", "--out", out, "--quiet", ...more], {
    cwd: folder,
  });

describe("a researcher's own method", () => {
  it("in one file is evaluated at equal counts beside others with three seeds, reported, and exported", async () => {
    const words = ["--method", "none,./mine.js,random,uniform", "--visual-tokens", "32", "--seed", "1,2,3"];
    const { status, stdout, stderr } = await evaluate("run", ...words);
    expect([status, stderr]).toEqual([0, ""]);
    const names = ["none", ...[1, 2, 3].map((seed) => `spread-out-32-seed-${seed}`)];
    const others = [...[1, 2, 3].map((seed) => `random-32-seed-${seed}`), "uniform-32"];
    for (const name of [...names, ...others]) expect(stdout).toMatch(new RegExp(`^pope +${name} `, "m"));
    expect(stdout.match(/ 32\.0 /g)).toHaveLength(14);
    const run = JSON.parse(readFileSync(join(folder, "run/run.json"), "utf8"));
    expect(run.configurations[1]).toMatchObject({
      method: "spread-out",
      module: { path: join(folder, "mine.js"), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      options: { seed: 1 },
    });

    for (const file of ["report.html", "report.md", "report.csv", "report.tex"]) {
      const extra = file.endsWith("html") ? ["--figures", "figures", "--lmms-eval", "samples"] : [];
      const report = await prumerge(["report", "run", "-o", file, "--quiet", ...extra], { cwd: folder });
      expect([report.status, report.stderr]).toEqual([0, ""]);
    }
    const text = (name: string) => readFileSync(join(folder, name), "utf8");

    const rows: Record<string, string>[] = parse(text("report.csv"), { columns: true });
    const seeds = rows.filter(({ score }) => score === "mean over seeds");
    const of = (task: string) => ["spread-out 32", "random 32"].map((label) => [task, label, "3"]);
    expect(seeds.map(({ task, label, seeds: count }) => [task, label, count])).toEqual([
      ...of("pope"),
      ...of("gqa"),
    ]);
    const headlines = rows.filter(
      ({ task, method, retention, seeds: count }) =>
        task === "gqa" && method === "random" && retention !== "" && count === "",
    );
    const values = headlines.map(({ value }) => Number(value));
    expect(values).toHaveLength(3);
    const mean = values.reduce((sum, one) => sum + one, 0) / 3;
    const mine = seeds.find(({ task, method }) => task === "gqa" && method === "random")!;
    expect(Number(mine.value)).toBeCloseTo(mean, 9);
    const squares = values.reduce((sum, one) => sum + (one - mean) ** 2, 0);
    expect(Number(mine.deviation)).toBeCloseTo(Math.sqrt(squares / 2), 9);
    expect(rows.filter(({ task }) => task === "average")).toHaveLength(7);
    const compared = rows.filter(({ minus_unreduced_p: p }) => p !== "");
    expect(compared).toHaveLength(14);
    for (const { minus_unreduced_p: p, minus_unreduced_p_holm: corrected } of compared)
      expect(Number(corrected)).toBeGreaterThanOrEqual(Number(p));

    const samples = readdirSync(join(folder, "samples/uniform-32"));
    const file = (end: string) =>
      text(join("samples/uniform-32", samples.find((name) => name.endsWith(end))!));
    const results = JSON.parse(file("_results.json"));
    const score = rows.find(({ task, configuration }) => task === "gqa" && configuration === "uniform-32")!;
    expect(results.results.gqa["credit,none"]).toBeCloseTo(Number(score.value), 9);
    const logged = file("_samples_gqa.jsonl")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(logged).toHaveLength(results["n-samples"].gqa.effective);
    const credit = logged.reduce((sum, one) => sum + one.credit, 0) / logged.length;
    expect(100 * credit).toBeCloseTo(Number(score.value), 9);
    expect(Object.keys(logged[0]).slice(0, 5)).toEqual([
      "doc_id",
      "target",
      "filtered_resps",
      "doc_hash",
      "input",
    ]);

    const table = text("report.tex");
    expect(table).toContain("\\begin{tabular}{lrccc}");
    expect(table).toMatch(/^spread-out 32 & 32 & (\\textbf\{)?[\d.]+\}? \$\\pm\$ [\d.]+ & .* \\\\$/m);
    expect(table).toMatch(/Holm's method for \d+ differences/);
    expect(text("report.md")).toContain("## Over seeds");
    expect(text("report.html")).toContain("<h2>Over seeds</h2>");
    for (const name of ["pope", "gqa", "kept"]) {
      const figure = text(`figures/${name}.svg`);
      expect(figure).toMatch(/^<svg xmlns/);
      expect(figure).toContain("spread-out");
      expect(figure).not.toContain("seed 2");
    }
  }, 300_000);

  it("is another after a change, and asked again", async () => {
    const words = ["--method", "./mine.js", "--visual-tokens", "16"];
    expect((await evaluate("changed", ...words)).status).toBe(0);
    const lines = () => readFileSync(join(folder, "changed/journal.jsonl"), "utf8").trim().split("\n").length;
    const before = lines();
    expect((await evaluate("changed", ...words)).status).toBe(0);
    expect(lines()).toBe(before);
    writeFileSync(join(folder, "mine.js"), `${mine}\n// changed\n`);
    expect((await evaluate("changed", ...words)).status).toBe(0);
    expect(lines()).toBe(2 * before - 1);
  }, 300_000);

  it("is evaluated from a program, too", async () => {
    writeFileSync(join(folder, "mine.js"), mine);
    const own = await loadOwnMethods(join(folder, "mine.js"));
    const { configurations } = planConfigurations(
      ["spread-out"],
      [{ kind: "exact", rows: 8 }],
      3,
      undefined,
      {},
      own,
    );
    const model = await loadModel();
    try {
      const out = join(folder, "program");
      const tasks = [{ name: "pope" }];
      const { scores, failed } = await evaluateModel({
        model,
        data,
        tasks,
        configurations,
        own,
        out,
        limit: 2,
      });
      expect(failed).toBe(0);
      expect(scores).toMatchObject([{ task: "pope", configuration: "spread-out-8", meanVisualTokens: 8 }]);
      const report = await collectReport({ folders: [out], examples: 0 });
      expect(await renderReport(report, "csv")).toContain("spread-out-8");
    } finally {
      await model.dispose();
    }
  }, 300_000);

  it.each([
    ["nothing there", "./none.js", undefined, /cannot be read/],
    ["no method", "./empty.js", "export const a = 1;", /exports no method.*found a/s],
    [
      "a name that is taken",
      "./taken.js",
      mine.replaceAll("spread-out", "random"),
      /name of another.*found random/s,
    ],
    [
      "a name that is none",
      "./odd.js",
      mine.replace('name: "spread-out"', 'name: "Spread Out"'),
      /method that is none/,
    ],
    ["budgets that are none", "./odd.js", mine.replace('["exact"]', '["many"]'), /method that is none/],
    ["a mistake", "./broken.mjs", "export default {", /cannot be loaded/],
    ["TypeScript", "./mine.ts", mine, /JavaScript module.*Compile it first/s],
  ])("with %s is refused before anything is loaded", async (_, word, text, message) => {
    if (text !== undefined) writeFileSync(join(folder, word), text);
    const { status, stderr } = await evaluate("refused", "--method", word);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });
});
