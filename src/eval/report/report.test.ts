import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { squareModel } from "../../models/spec.js";
import { answerKey } from "../run/assignment.js";
import { ownMachine, ownVersions } from "../run/machine.js";
import { type AnswerRecord, type Run, runFiles, runSchema } from "../run/run-folder.js";
import type { LoadedTask } from "../task.js";
import { findTask } from "../tasks/registry.js";
import { collectReport } from "./collect.js";
import { pictureComplexity, rankCorrelation } from "./complexity.js";
import { renderReport } from "./render-report.js";
import type { ReportData } from "./report-data.js";

const root = mkdtempSync(join(tmpdir(), "prumerge-report-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const data = fileURLToPath(new URL("../../../benchmarks/pocket/gqa", import.meta.url));
const asked = 40;

/** Right answers of so many of the first forty questions, by configuration. */
const right: Readonly<Record<string, (index: number) => boolean>> = {
  none: (index) => index < 32, // 80 %
  "prumerge-plus-16": (index) => index >= 8 && index < 32, // 60 %: 8 lost, none gained
  "prumerge-plus-adaptive": (index) => index < 30 || index === 35, // 77.5 %: 2 lost, 1 gained
  "random-16": (index) => index % 2 === 0, // 50 %
  "uniform-16": (index) => index % 4 === 0, // 25 %
  "prumerge-plus-16-original": (index) => index < 32,
};

let loaded: LoadedTask;
/** One question about each picture, so that units are drawn one by one. */
let chosen: LoadedTask["questions"];
let truths: readonly string[];
let report: ReportData;

beforeAll(async () => {
  loaded = await findTask("gqa").load(data);
  chosen = [...new Map(loaded.questions.map((one) => [one.picture!.name, one])).values()];
  const file = join(data, "data/questions1.2/testdev_balanced_questions.json");
  const labels = JSON.parse(readFileSync(file, "utf8")) as Record<string, { answer: string }>;
  truths = chosen.slice(0, asked).map(({ id }) => labels[id].answer);
  const names = Object.keys(right).filter((name) => !name.endsWith("-original"));
  writeRun(join(root, "whole"), names, asked);
  report = await collectReport({ folders: [join(root, "whole")], examples: 6 });
}, 300_000);

describe("a report", () => {
  const column = (label: string) => report.tasks[0].columns.find((one) => one.column.label === label)!;

  it("scores every column by the official rule, unreduced first and baselines last", () => {
    const [{ columns, questions, available }] = report.tasks;
    expect(questions).toBe(asked);
    expect(available).toBe(loaded.questions.length);
    expect(columns.map(({ column: { label }, headline }) => [label, headline.value])).toEqual([
      ["unreduced", 80],
      ["prumerge+ 16", 60],
      ["prumerge+ adaptive", 77.5],
      ["random 16", 50],
      ["uniform 16", 25],
    ]);
  });

  it("sets columns against the unreduced model and the baselines of the same count, paired", () => {
    const { retention, differences } = column("prumerge+ 16");
    expect(retention!.value).toBeCloseTo(75, 9);
    expect(differences.none!.value).toBeCloseTo(-20, 9);
    expect(differences.random!.value).toBeCloseTo(10, 9);
    expect(differences.uniform!.value).toBeCloseTo(35, 9);
    // All 8 changes are losses: in every resample the difference is minus its share of them, Binomial(40, 0.2) of 40.
    const { low, high } = differences.none!.interval!;
    expect(Math.abs(low - -32.5)).toBeLessThanOrEqual(2.6); // scipy.stats.binom.ppf(0.975, 40, 0.2) = 13
    expect(Math.abs(high - -7.5)).toBeLessThanOrEqual(2.6); // ppf(0.025) = 3
    expect(column("prumerge+ adaptive").differences.random).toBeUndefined();
    expect(column("unreduced").retention).toBeUndefined();
  });

  it("tells the mean over tasks of what is kept", () => {
    const kept = report.retention.find((one) => one.column.label === "prumerge+ 16")!;
    expect(kept.value).toBeCloseTo(75, 9);
    expect(kept.tasks).toBe(1);
    expect(kept.interval!.high).toBeLessThan(100);
  });

  it("parts questions of detail from the others", () => {
    const details = chosen.slice(0, asked);
    const small = details.filter(({ detail }) => detail === true).length;
    const { detail } = column("unreduced");
    expect(detail!.small.count).toBe(small);
    expect(detail!.other.count).toBe(asked - small);
    const whole = (detail!.small.value * small + detail!.other.value * (asked - small)) / asked;
    expect(whole).toBeCloseTo(80, 9);
  });

  it("shows how many tokens adaptive methods keep, and of which pictures", () => {
    expect(report.kept.map((one) => one.column.label)).toEqual(["prumerge+ adaptive"]);
    const pictures = new Set(chosen.slice(0, asked).map((one) => one.picture!.name));
    expect(report.kept[0].counts).toHaveLength(pictures.size);
    expect(report.kept[0].measured).toHaveLength(pictures.size);
  });

  it("sums up time and memory", () => {
    const { spending } = column("unreduced");
    expect(spending).toMatchObject({
      prepare: 10,
      encode: 20,
      firstToken: 30,
      rest: 5,
      keyValueBytes: 576_000,
    });
    expect(column("prumerge+ 16").visualTokens).toBe(16);
  });

  it("counts what is lost and gained, and shows both with the picture", () => {
    expect(report.comparison!.columns.map(({ label }) => label)).toEqual(["unreduced", "prumerge+ 16"]);
    expect(report.comparison!.tally).toEqual([{ task: "GQA", lost: 8, gained: 0, units: asked }]);
    const [example] = report.comparison!.examples;
    expect(report.comparison!.examples).toHaveLength(6);
    expect(example.answers.map(({ credit }) => credit)).toEqual([1, 0]);
    expect(example.answers[1].text).toBe("nonsense");
    expect(example.figure!.picture).toContain("data:image/");
    expect(example.figure!.overlay).toBeUndefined(); // no model here that tells how it takes its square
  });

  it("compares what it is told to", async () => {
    const folders = [join(root, "whole")];
    const other = await collectReport({
      folders,
      examples: 0,
      compare: ["none", "prumerge-plus-adaptive"],
    });
    expect(other.comparison!.tally).toEqual([{ task: "GQA", lost: 2, gained: 1, units: asked }]);
    await expect(collectReport({ folders, compare: ["none", "prumerge-99"] })).rejects.toThrow(
      /prumerge-plus-16.*found prumerge-99/,
    );
  });

  it("draws the kept patches where it knows how the model frames a picture", async () => {
    const { preprocessing, spec } = await import("../../model/describe-folder.js").then(
      async ({ describeFolder }) =>
        describeFolder(fileURLToPath(new URL("../../../models/pocket-llava", import.meta.url))),
    );
    const framed = await collectReport({
      folders: [join(root, "whole")],
      examples: 1,

      framing: async () => ({
        vision: squareModel(spec).vision,
        preprocessing,
        aspect: preprocessing.aspect,
      }),
    });
    const overlay = framed.comparison!.examples[0].figure!.overlay!;
    expect(overlay.match(/<rect[^>]*stroke=/g)).toHaveLength(16);
  });

  it("puts shards of a run together", async () => {
    writeRun(join(root, "one"), ["none", "random-16"], 25, 0);
    writeRun(join(root, "two"), ["none", "random-16"], asked, 25);
    const joined = await collectReport({
      folders: [join(root, "one"), join(root, "two")],
      examples: 0,
    });
    expect(joined.tasks).toHaveLength(1);
    expect(joined.tasks[0].questions).toBe(asked);
    expect(joined.tasks[0].columns.map(({ headline }) => headline.value)).toEqual([80, 50]);
    expect(joined.notes.join()).toContain("uniform at 16");
  });

  it("reports an unfinished run over what all columns have, and says so", async () => {
    const folder = join(root, "unfinished");
    writeRun(folder, ["none", "random-16"], asked);
    const lines = readFileSync(runFiles.journal(folder), "utf8").trimEnd().split("\n");
    writeFileSync(runFiles.journal(folder), `${lines.slice(0, -10).join("\n")}\n`);
    const partial = await collectReport({ folders: [folder], examples: 0 });
    expect(partial.tasks[0].questions).toBe(30);
    expect(partial.notes.join()).toContain("30 of 40");
  });

  it("counts only what is asked now of a folder that was asked otherwise before", async () => {
    const folder = join(root, "twice");
    writeRun(folder, ["none", "random-16"], asked);
    const run = JSON.parse(readFileSync(runFiles.run(folder), "utf8")) as Run;
    const [none, random] = run.configurations;
    const seeded = { ...run, configurations: [none, { ...random, options: { seed: 1 } }] };
    writeFileSync(runFiles.run(folder), JSON.stringify(seeded));
    const journal = readFileSync(runFiles.journal(folder), "utf8");
    const again = chosen
      .slice(0, 10)
      .map((question, i) => ({ ...record(seeded, "random-16", i, question), text: "nonsense" }));
    writeFileSync(
      runFiles.journal(folder),
      journal + again.map((line) => `${JSON.stringify(line)}\n`).join(""),
    );
    const found = await collectReport({ folders: [folder], examples: 0 });
    expect(found.tasks[0].questions).toBe(10);
    expect(found.tasks[0].columns.map(({ headline }) => headline.value)).toEqual([100, 0]);
    expect(found.notes.join()).toContain("GQA: 40 answers to what is no longer asked");
  });

  it("calls a column by the tokens that its pictures had, not by those that were asked for", async () => {
    const folder = join(root, "missed");
    writeRun(folder, ["none", "prumerge-plus-16", "random-16", "uniform-16"], asked);
    const change = (name: string, count: (line: number) => number) => {
      const lines = readFileSync(runFiles.journal(folder), "utf8").trimEnd().split("\n");
      const changed = lines.map((line, i) => {
        const one = JSON.parse(line);
        return one.configuration === name ? JSON.stringify({ ...one, visualTokens: count(i) }) : line;
      });
      writeFileSync(runFiles.journal(folder), `${changed.join("\n")}\n`);
    };
    change("prumerge-plus-16", () => 24);
    change("random-16", (line) => 16 + (line % 2));
    const found = await collectReport({ folders: [folder], examples: 0 });
    const [{ columns }] = found.tasks;
    expect(columns.map(({ column }) => [column.label, column.exact])).toEqual([
      ["unreduced", undefined],
      ["prumerge+ 24 (asked for 16)", 24],
      ["random 16 to 17 (asked for 16)", undefined],
      ["uniform 16", 16],
    ]);
    expect(Object.keys(columns[1].differences)).toEqual(["none"]); // nothing has run at 24
    expect(found.notes.join()).toContain("prumerge+ 24 (asked for 16), random 16 to 17 (asked for 16)");
    expect(found.notes.join()).toContain("uniform at 24");
    expect(await renderReport(found, "md")).toContain("| prumerge+ 24 (asked for 16) | 24 |");
  });

  it("keeps rows at their original positions apart from those one after another", async () => {
    const folder = join(root, "positions");
    writeRun(folder, ["none", "prumerge-plus-16", "prumerge-plus-16-original"], asked);
    const [{ columns }] = (await collectReport({ folders: [folder], examples: 0 })).tasks;
    expect(columns.map(({ column, headline }) => [column.label, headline.value])).toEqual([
      ["unreduced", 80],
      ["prumerge+ 16", 60],
      ["prumerge+ original positions 16", 80],
    ]);
  });

  it("refuses folders without a run, and says where files went", async () => {
    await expect(collectReport({ folders: [root] })).rejects.toThrow(/no run in this folder/);
    const folder = join(root, "moved");
    writeRun(folder, ["none"], 5, 0, "/nowhere/gqa");
    await expect(collectReport({ folders: [folder] })).rejects.toThrow(/--data/);
    const found = await collectReport({ folders: [folder], data, examples: 0 });
    expect(found.tasks[0].questions).toBe(5);
  });
});

describe("the rendered report", () => {
  it("is a page that asks nothing of the network and runs no script", async () => {
    const html = await renderReport(report, "html");
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<script|<link|@import|\son\w+=|\sstyle=/);
    const outside = html.match(/(?:href|src)="(?!#|data:image)[^"]*"|url\([^)]*\)|https?:\/\/[^" ]*/g) ?? [];
    expect(outside.filter((one) => one !== "http://www.w3.org/2000/svg")).toEqual([]);
    // A picture's bytes may spell anything.
    expect(html.replace(/base64,[A-Za-z0-9+/=]+/g, "")).not.toMatch(/NaN|undefined|Infinity/);
    for (const heading of [
      "Score over",
      "Kept of",
      "detail apart",
      "Scores",
      "Time and",
      "Question by",
      "Commands",
    ])
      expect(html).toContain(heading);
    expect(html).toContain("prumerge eval gqa --data 'a folder'");
    expect(html.match(/<article>/g)).toHaveLength(6);
  });

  it("keeps what pictures and answers say from being markup", async () => {
    const [example] = report.comparison!.examples;
    const nasty = { ...example, question: '<script>alert("x")</script>', answers: example.answers };
    const comparison = { ...report.comparison!, examples: [nasty] };
    expect(await renderReport({ ...report, comparison }, "html")).not.toContain("<script");
  });

  it("is Markdown whose tables are whole", async () => {
    const markdown = await renderReport(report, "md");
    expect(markdown).toContain("| prumerge+ 16 | 16 | 60.0 (");
    expect(markdown).toContain("| GQA | 40 | 8 | 0 |");
    for (const block of markdown.split("\n\n").filter((part) => part.startsWith("|"))) {
      const widths = block.split("\n").map((line) => line.split(/(?<!\\)\|/).length);
      expect(new Set(widths).size).toBe(1);
    }
  });

  it("is comma-separated values that a parser reads back", async () => {
    const rows = parse(await renderReport(report, "csv"), { columns: true }) as Record<string, string>[];
    const headline = rows.find((row) => row.configuration === "prumerge-plus-16")!;
    expect(headline).toMatchObject({ task: "gqa", model: "pocket-llava", value: "60", questions: "40" });
    expect(Number(headline.retention)).toBeCloseTo(75, 9);
    expect(Number(headline.minus_uniform)).toBeCloseTo(35, 9);
  });
});

describe("complexity", () => {
  it("is more for noise than for a plain picture", async () => {
    const { default: sharp } = await import("sharp");
    const picture = async (pixels: Uint8Array) => ({
      name: "made",
      bytes: await sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } })
        .png()
        .toBuffer(),
    });
    const plain = await pictureComplexity(await picture(new Uint8Array(64 * 64 * 3).fill(90)));
    const noise = await pictureComplexity(
      await picture(Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251)),
    );
    expect(plain).toBeLessThan(0.3);
    expect(noise).toBeGreaterThan(3 * plain);
  });

  it("correlates by rank as scipy does", () => {
    // scipy.stats.spearmanr([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]).statistic
    expect(rankCorrelation([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])).toBeCloseTo(0.8207826816681233, 12);
    expect(rankCorrelation([1, 2, 3], [4, 4, 4])).toBeUndefined();
    expect(rankCorrelation([1, 2], [1, 2])).toBeUndefined();
  });
});

/** Writes a run over questions `from` to `to` of the pocket GQA, answered as {@link right} says. */
function writeRun(folder: string, names: readonly string[], to: number, from = 0, where = data): void {
  mkdirSync(folder, { recursive: true });
  const run: Run = runSchema.parse({
    format: 1,
    commands: [{ words: ["eval", "gqa", "--data", "a folder"], began: "2026-01-01T00:00:00.000Z" }],
    versions: ownVersions(),
    machine: ownMachine(),
    model: { name: "pocket-llava", hash: "0".repeat(64), files: [] },
    prompt: "model",
    generation: { maxNewTokens: null, imageAspect: null, device: "cpu" },
    tasks: [
      {
        name: "gqa",
        title: "GQA",
        data: where,
        options: {},
        limit: null,
        shard: null,
        available: loaded.questions.length,
        selected: to - from,
      },
    ],
    configurations: names.map((name) => {
      const original = name.endsWith("-original");
      const plain = original ? name.slice(0, -"-original".length) : name;
      const [method, budget] = name === "none" ? ["none", ""] : plain.split(/-(?=[^-]+$)/);
      return {
        name,
        method: method === "prumerge-plus" ? "prumerge+" : method,
        budget:
          name === "none"
            ? { kind: "all" }
            : budget === "adaptive"
              ? { kind: "rule" }
              : { kind: "exact", rows: Number(budget) },
        options: {},
        ...(original && { positions: "original" }),
      };
    }),
  });
  writeFileSync(runFiles.run(folder), JSON.stringify(run));
  const lines = names.flatMap((name) =>
    chosen.slice(from, to).map((question, i) => JSON.stringify(record(run, name, from + i, question))),
  );
  writeFileSync(runFiles.journal(folder), `{"journal":"prumerge","format":1}\n${lines.join("\n")}\n`);
}

function record(
  { model, versions, prompt, configurations }: Run,
  name: string,
  index: number,
  question: LoadedTask["questions"][number],
): AnswerRecord {
  const { id, picture } = question;
  const visualTokens = name === "none" ? 576 : name.includes("16") ? 16 : 20 + (index % 7);
  const hash = Buffer.from(picture!.name).toString("hex").padEnd(64, "0").slice(-64);
  const mask = Buffer.alloc(72);
  for (let patch = 0; patch < visualTokens; patch++) mask[patch >> 3] |= 1 << (patch & 7);
  const conditions = { model: model.hash, versions, prompt, device: "cpu", imageAspect: null };
  const configuration = configurations.find((one) => one.name === name)!;
  return {
    key: answerKey(conditions, "gqa", configuration, hash, question),
    task: "gqa",
    configuration: name,
    id,
    picture: { name: picture!.name, sha256: hash },
    worker: null,
    kind: "answer",
    text: right[name](index) ? truths[index] : "nonsense",
    finishReason: "stop",
    visualTokens,
    unreducedTokens: 576,
    promptTokens: visualTokens + 20,
    reusedTokens: 0,
    newTokens: 2,
    keyValueBytes: 1000 * visualTokens,
    kept: { count: visualTokens, mask: mask.toString("base64"), rows: 24, columns: 24 },
    timings: { prepare: 10, encode: 20, prefill: 29, firstToken: 30, perToken: 5, total: 35 },
    residentBytes: 100_000_000,
  };
}
