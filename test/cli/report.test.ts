import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { prumerge } from "../support/command-line.js";
import { runInProcess } from "../support/run-in-process.js";

const folder = mkdtempSync(join(tmpdir(), "prumerge-report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const benchmarks = fileURLToPath(new URL("../../benchmarks/pocket", import.meta.url));
const run = join(folder, "run");
const out = (name: string) => join(folder, name);

describe("prumerge report", () => {
  it("shows a run of prumerge eval as a page, as Markdown and as values", { timeout: 600_000 }, async () => {
    const flags = ["--method", "none,prumerge,random", "--visual-tokens", "16", "--limit", "6"];
    // A process, since a run keeps the words that it was started with.
    const evaluated = await prumerge(["eval", "gqa", "--data", benchmarks, ...flags, "--out", run, "-q"]);
    expect(evaluated.status).toBe(0);

    const page = await runInProcess(["report", run, "-o", out("report.html"), "--resamples", "50"]);
    expect([page.status, page.stdout]).toEqual([0, ""]);
    expect(page.stderr).toContain("uniform at 16"); // what was not run is said
    const html = readFileSync(out("report.html"), "utf8");
    expect(html).toContain("GQA (6 questions)");
    expect(html).toContain("prumerge eval gqa --data");
    const written = html.replace(/data:image[^"]*/g, "");
    expect(written).not.toMatch(/<script|\bsrc="http|NaN/);

    await runInProcess(["report", run, "-o", out("report.md"), "--resamples", "50", "-q"]);
    expect(readFileSync(out("report.md"), "utf8")).toMatch(/\| prumerge 16 \| 16 \| \d/);
    await runInProcess(["report", run, "-o", out("report.csv"), "--resamples", "50", "-q"]);
    const [head, ...rows] = readFileSync(out("report.csv"), "utf8").trimEnd().split("\r\n");
    expect(head).toMatch(/^task,rules,model,configuration,/);
    expect(rows.filter((row) => row.startsWith("gqa,,pocket-llava,prumerge-16,"))).not.toEqual([]);

    // The scores are those that eval itself wrote.
    const { results } = JSON.parse(readFileSync(join(run, "scores.json"), "utf8"));
    for (const { configuration, headline } of results) {
      const row = rows.find((one) => one.includes(`,${configuration},`))!.split(",");
      expect(Number(row[head.split(",").indexOf("value")])).toBeCloseTo(headline.value, 9);
    }
  });

  it("refuses what is no run, and endings that it does not know", async () => {
    const missing = await runInProcess(["report", folder, "-o", out("none.html")]);
    expect([missing.status, missing.stderr]).toEqual([2, expect.stringContaining("no run in this folder")]);
    expect(existsSync(out("none.html"))).toBe(false);
    const ending = await runInProcess(["report", folder, "-o", out("report.pdf")]);
    expect([ending.status, ending.stderr]).toEqual([2, expect.stringContaining(".html, .md, .csv")]);
  });
});
