import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { runInProcess } from "../support/run-in-process.js";
import { expectation, shortAnswers } from "../support/short-answers.js";

const scratch = mkdtempSync(join(tmpdir(), "prumerge-score-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const file = (name: string) => join(shortAnswers, name);
const lines = (name: string) => readFileSync(file(name), "utf8").trim().split("\n");
const made = (name: string, content: string) => {
  writeFileSync(join(scratch, name), content);
  return join(scratch, name);
};
const score = (task: string, answers: readonly string[], ...more: string[]) =>
  runInProcess(["score", task, "--data", shortAnswers, "--answers", ...answers, ...more]);

const number = z.strictObject({
  name: z.string(),
  value: z.number(),
  unit: z.enum(["percent", "points", "ratio"]),
  count: z.int().positive(),
  interval: z
    .strictObject({ low: z.number(), high: z.number(), method: z.literal("wilson"), effective: z.number() })
    .optional(),
});
const report = z.strictObject({
  task: z.string(),
  title: z.string(),
  measure: z.string(),
  data: z.string(),
  answers: z.array(z.string()),
  rules: z.record(z.string(), z.string()),
  questions: z.int(),
  missing: z.array(z.string()),
  headline: number,
  scores: z.array(number),
});

describe("prumerge score", () => {
  it("prints the official score with its interval, and the rules that made it", async () => {
    const { status, stdout, stderr } = await score("textvqa", [file("textvqa/answers.jsonl")]);
    expect([status, stderr]).toEqual([0, ""]);
    const { accuracy, samples } = expectation("textvqa/expected.json").m4c;
    expect(stdout).toMatch(new RegExp(`^overall +${accuracy} % +[\\d.]+ to [\\d.]+ +${samples}$`, "m"));
    expect(stdout).toMatch(/^rules: ocr=true, prompt=llava, scorer=m4c$/m);
    expect(stdout).toContain(`${samples} of ${samples} questions answered\n`);
  });

  it("takes the benchmark's folder itself, its own result format, and named rules", async () => {
    const words = [
      "score",
      "vqav2",
      "--data",
      file("vqav2"),
      "--answers",
      file("vqav2/results.json"),
      "--json",
    ];
    const rules = ["--rule", "scorer=strict_vqaeval_2021", "--rule", "split=val2014"];
    const { status, stdout } = await runInProcess([...words, ...rules]);
    expect(status).toBe(0);
    const found = report.parse(JSON.parse(stdout));
    expect(found.headline.value.toFixed(2)).toBe(
      expectation("vqav2/expected.json").strict_vqaeval_2021.overall.toFixed(2),
    );
    expect(found.rules).toEqual({
      scorer: "strict_vqaeval_2021",
      predictions: "as_given",
      split: "val2014",
    });
    expect(found.headline.interval!.low).toBeLessThan(found.headline.value);
    expect(found.headline.interval!.high).toBeGreaterThan(found.headline.value);
    expect(stdout.trim().split("\n")).toHaveLength(1);
  });

  it("takes several files: parts of a run, or POPE's three", async () => {
    const answers = lines("pope/answers.jsonl");
    const parts = [
      made("0.jsonl", answers.slice(0, 50).join("\n")),
      made("1.jsonl", answers.slice(50).join("\n")),
    ];
    const own = ["random", "popular", "adversarial"].map((name) => file(`pope/results_${name}.json`));
    const [one, other] = await Promise.all([score("pope", parts), score("pope", own)]);
    expect([one.status, one.stderr]).toEqual([0, ""]);
    expect(one.stdout).toMatch(/^mean\/f1 /m);
    expect(other.stdout).toBe(one.stdout);
  });

  it("counts missing answers as wrong when it is told to, and says how many", async () => {
    const some = made("some.jsonl", lines("gqa/answers.jsonl").slice(2).join("\n"));
    const refused = await score("gqa", [some]);
    expect(refused.status).toBe(2);
    expect(refused.stdout).toBe("");
    expect(refused.stderr).toMatch(/2 questions without an answer: 01307251, \d+\nWith --allow-missing/);
    const allowed = await score("gqa", [some], "--allow-missing");
    expect(allowed.status).toBe(0);
    expect(allowed.stdout).toContain("52 of 54 questions answered; 2 missing, counted as wrong\n");
  });

  it("leaves missing answers out when it is told to, pairs and groups whole", async () => {
    const some = made("answered.jsonl", lines("gqa/answers.jsonl").slice(2).join("\n"));
    const only = await score("gqa", [some], "--only-answered");
    expect([only.status, only.stderr]).toEqual([0, ""]);
    expect(only.stdout).toContain("52 of 54 questions answered; only 52 count, 2 are left out\n");
    const value = (text: string) => Number(/^overall +([\d.]+) %/m.exec(text)![1]);
    const wrong = await score("gqa", [some], "--allow-missing");
    expect(Math.abs(value(only.stdout) * 52 - value(wrong.stdout) * 54)).toBeLessThan(1);
    const both = await score("gqa", [some], "--allow-missing", "--only-answered");
    expect(both.status).toBe(2);
    const none = await score("gqa", [made("none.jsonl", "")], "--only-answered");
    expect(none.status).toBe(2);
  });

  it.each([
    ["gqa", "textvqa/answers.jsonl", /75? ?answers to unknown questions|answers to unknown questions/],
    [
      "vqav2",
      "pope/answers.jsonl",
      /138 answers to unknown questions: 1 \(.*answers\.jsonl:1\).*another task/s,
    ],
    ["pope", "pope/llava_pope_test.jsonl", /llava_pope_test\.jsonl:1: a line of a question file/],
  ])("refuses %s answers that are another file", async (task, answers, message) => {
    const { status, stderr, stdout } = await score(task, [file(answers)]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });

  it("refuses truncated answers by file and line", async () => {
    const torn = made("torn.jsonl", readFileSync(file("gqa/answers.jsonl"), "utf8").slice(0, -20));
    const { status, stderr } = await score("gqa", [torn]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/torn\.jsonl:54: not valid JSON/);
  });

  it.each([
    [["score", "gqq", "--data", ".", "--answers", "x"], /no such task.*found gqq\nDid you mean gqa\?/],
    [["score", "gqa", "--data", ".", "--answers", "x", "--rule", "match"], /Expected name=value/],
    [
      ["score", "gqa", "--data", shortAnswers, "--answers", "x", "--rule", "mach=llava"],
      /no such rule.*scorer, tier/,
    ],
    [
      ["score", "gqa", "--data", shortAnswers, "--answers", "x", "--rule", "scorer=exact"],
      /scorer: .*no such value/,
    ],
    [["score", "gqa", "--data", "nowhere", "--answers", "x"], /nowhere: the folder of the benchmarks/],
    [
      ["score", "gqa", "--data", shortAnswers, "--answers", "nowhere.jsonl"],
      /nowhere\.jsonl: the file cannot/,
    ],
    [["score", "gqa", "--data", scratch, "--answers", "x"], /a file of the benchmark is missing/],
    [["score", "gqa", "--data", shortAnswers], /required option '--answers <file\.\.\.>'/],
  ])("refuses %j", async (words, message) => {
    const { status, stderr } = await runInProcess(words);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });
});
