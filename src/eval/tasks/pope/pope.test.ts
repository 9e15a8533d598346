import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expectation, scratchFolder, shortAnswers } from "../../../../test/support/short-answers.js";
import { checkAnswers } from "../../answers/check-answers.js";
import { readAnswers } from "../../answers/given-answers.js";
import { pope } from "./pope.js";
import { popeRules } from "./rules.js";
import { aggregatePope, type PopeVerdict } from "./score.js";

const folder = join(shortAnswers, "pope");
const expected = expectation("pope/expected.json");
const categories = ["random", "popular", "adversarial"];

async function scored(scorer: string, files = ["answers.jsonl"]) {
  const task = await pope.load(folder, { scorer });
  const given = await readAnswers(
    task,
    files.map((file) => join(folder, file)),
  );
  const { headline, scores } = task.aggregate(task.judge(checkAnswers(task, given).answers));
  return { headline, named: Object.fromEntries(scores.map(({ name, value }) => [name, value / 100])) };
}

describe("POPE's scores", () => {
  it("are those of the official program, file by file, and the headline is the mean of three F1", async () => {
    const { headline, named } = await scored("official");
    for (const category of categories) {
      const theirs = expected.official[category];
      expect(named[`${category}/f1`]).toBeCloseTo(theirs["F1 score"], 12);
      expect(named[`${category}/accuracy`]).toBeCloseTo(theirs.Accuracy, 12);
      expect(named[`${category}/precision`]).toBeCloseTo(theirs.Precision, 12);
      expect(named[`${category}/recall`]).toBeCloseTo(theirs.Recall, 12);
      expect(named[`${category}/yes-ratio`]).toBeCloseTo(theirs["Yes ratio"], 12);
    }
    const mean = categories.reduce((sum, category) => sum + expected.official[category]["F1 score"], 0) / 3;
    expect(headline).toMatchObject({ name: "mean/f1", unit: "percent", count: 138 });
    expect(headline.value).toBeCloseTo(100 * mean, 10);
    expect(Math.abs(named["pooled/f1"] - mean)).toBeGreaterThan(1e-4);
    expect(Math.abs(named["mean/accuracy"] - mean)).toBeGreaterThan(1e-3);
  });

  it("by lmms-eval pool all questions, drop answers that are neither, and count yes in the labels", async () => {
    const { headline, named } = await scored("lmms_eval");
    expect(headline.name).toBe("pooled/f1");
    for (const part of ["pooled", ...categories]) {
      const { accuracy, precision, recall, f1_score, yes_ratio } = expected.lmms_eval[part];
      expect(named[`${part}/accuracy`]).toBeCloseTo(accuracy, 12);
      expect(named[`${part}/precision`]).toBeCloseTo(precision, 12);
      expect(named[`${part}/recall`]).toBeCloseTo(recall, 12);
      expect(named[`${part}/f1`]).toBeCloseTo(f1_score, 12);
      expect(named[`${part}/yes-ratio`]).toBe(yes_ratio);
      expect(yes_ratio).toBe(0.5);
    }
  });

  it("by VLMEvalKit pool all questions and take answers that are neither for wrong", async () => {
    const { headline, named } = await scored("vlmevalkit");
    expect(headline.name).toBe("pooled/f1");
    for (const part of ["pooled", ...categories]) {
      const theirs = expected.vlmevalkit[part === "pooled" ? "Overall" : part];
      expect(100 * named[`${part}/f1`]).toBeCloseTo(theirs.Overall, 10);
      expect(100 * named[`${part}/accuracy`]).toBeCloseTo(theirs.acc, 10);
      expect(100 * named[`${part}/precision`]).toBeCloseTo(theirs.precision, 10);
      expect(100 * named[`${part}/recall`]).toBeCloseTo(theirs.recall, 10);
    }
  });

  it("take everything for a yes that has no word No, no or not in its first sentence", () => {
    const { read } = popeRules.official;
    const yes = ["", "NO", "No!", "nope", "No\n..", "isn't", "I cannot say", "Sorry. No"];
    const no = [
      "No",
      "no.",
      "not sure",
      "Yes, there is not one",
      "There is no dog. Yes",
      "No, it isn't",
      " no",
    ];
    expect(yes.map(read)).toEqual(yes.map(() => "yes"));
    expect(no.map(read)).toEqual(no.map(() => "no"));
  });

  it.each(["lmms_eval", "vlmevalkit"] as const)("read answers as %s does", (rule) => {
    for (const one of expected.read) expect(popeRules[rule].read(one.text)).toBe(one[rule]);
  });

  it("are 0 where the official program divides by zero, and wrong where there is no answer", async () => {
    const task = await pope.load(folder);
    const allNo = new Map(task.questions.map(({ id }) => [id, "No"]));
    expect(task.aggregate(task.judge(allNo)).headline.value).toBe(0);
    expect(task.judge(new Map()).every(({ credit }) => credit === 0)).toBe(true);
  });

  it("count a yes that is missed where yes and no are not as many", () => {
    const said = ["yes", "no", "other", "yes", "no"] as const;
    const verdicts = said.map((said, i): PopeVerdict => {
      return { questions: [String(i)], credit: 0, groups: ["random"], label: i < 4 ? "yes" : "no", said };
    });
    // Four labels say yes: two found, one missed, one neither way.
    const recall = (rule: keyof typeof popeRules) =>
      aggregatePope(verdicts, popeRules[rule]).scores.find(({ name }) => name === "random/recall")!.value;
    expect(recall("official")).toBe(50);
    expect(recall("lmms_eval")).toBeCloseTo(200 / 3, 10);
  });

  it("tell of each question whether it is right, and of which picture and file it is", async () => {
    const task = await pope.load(folder);
    const answers = new Map(task.questions.map(({ id }) => [id, "Yes"]));
    for (const [i, verdict] of task.judge(answers).entries()) {
      const { id, picture } = task.questions[i];
      expect(verdict).toMatchObject({ questions: [id], cluster: picture!.name, said: "yes" });
      expect(verdict.credit).toBe(verdict.label === "yes" ? 1 : 0);
    }
    const none = task.judge(new Map());
    expect(none.every(({ label, said }) => said === (label === "yes" ? "no" : "yes"))).toBe(true);
  });

  it("are the same from POPE's own result files", async () => {
    const own = await scored(
      "official",
      categories.map((category) => `results_${category}.json`),
    );
    expect(own).toEqual(await scored("official"));
  });
});

describe("POPE's files", () => {
  const file = (name: string) => join("coco", `coco_pope_${name}.json`);
  const lines = (path: string) => readFileSync(path, "utf8").trim().split("\n");
  const changed = (name: string, edit: (lines: string[]) => string[]) => {
    const scratch = scratchFolder("pope");
    writeFileSync(join(scratch, name), edit(lines(join(scratch, name))).join("\n"));
    return { scratch, load: () => pope.load(scratch) };
  };

  it("give LLaVA's ids, with its question file and without", async () => {
    const ids = (task: { questions: readonly { id: string }[] }) => task.questions.map(({ id }) => id);
    const { scratch, load } = changed("llava_pope_test.jsonl", (all) => all);
    const withFile = ids(await load());
    rmSync(join(scratch, "llava_pope_test.jsonl"));
    expect(ids(await load())).toEqual(withFile);
    expect([withFile[0], withFile[42], withFile.at(-1)]).toEqual(["10000001", "20000001", "48"]);
  });

  it("of another number of questions are refused as another revision", async () => {
    const { load } = changed(file("random"), (all) => [...all, all[0]]);
    await expect(load()).rejects.toMatchObject({
      code: "INVALID_FILE",
      message: expect.stringMatching(/coco_pope_random\.json.*expected 42.*found 43.*e3e3926.*2910.*3000/s),
    });
  });

  it.each([
    ["texts", (line: string) => line.replace("imange", "image")],
    ["pictures", (line: string) => line.replace(/COCO_val2014_\d+/, "COCO_val2014_000000000001")],
  ])("of other %s are refused as another revision, by line", async (_, edit) => {
    const { load } = changed(file("popular"), (all) => all.map(edit));
    await expect(load()).rejects.toThrow(
      /coco_pope_popular\.json:\d+: not the question of .*jsonl:\d+.*e3e3926/s,
    );
  });

  it("in another order are refused", async () => {
    const { load } = changed(file("adversarial"), ([first, second, ...rest]) => [second, first, ...rest]);
    await expect(load()).rejects.toThrow(/coco_pope_adversarial\.json:1: not the question/);
  });

  it.each([
    [
      "of another category",
      (line: string) => line.replace('"adversarial"', '"common"'),
      /llava_pope_test\.jsonl:\d+.*"category".*expected random, popular, adversarial, found "?common/s,
    ],
    [
      "that stand twice",
      (line: string) => line.replace(/"question_id": \d+/, '"question_id": 7'),
      /llava_pope_test\.jsonl:2.*twice.*found 7/s,
    ],
  ])("with questions %s are refused", async (_, edit, message) => {
    const { load } = changed("llava_pope_test.jsonl", (all) => all.map(edit));
    await expect(load()).rejects.toThrow(message);
  });

  it("are found where POPE's repository has them", async () => {
    const { scratch, load } = changed("llava_pope_test.jsonl", (all) => all);
    const before = (await load()).questions;
    mkdirSync(join(scratch, "output"));
    renameSync(join(scratch, "coco"), join(scratch, "output", "coco"));
    expect((await load()).questions).toEqual(before);
  });

  it("with a label that is neither yes nor no are refused", async () => {
    const { load } = changed(file("random"), (all) => all.map((line) => line.replace('"yes"', '"maybe"')));
    await expect(load()).rejects.toThrow(/"label" is wrong; expected "yes" or "no", found "maybe"/);
  });
});
