import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expectation, scratchFolder, shortAnswers } from "../../../../test/support/short-answers.js";
import { roundHalfEven } from "../../scoring/round-half-even.js";
import { gqa } from "./gqa.js";
import { gqaRules } from "./rules.js";

const folder = join(shortAnswers, "gqa");
const expected = expectation("gqa/expected.json");
const predictions = new Map(
  readFileSync(join(folder, "answers.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map(({ question_id, text }): [string, string] => [question_id, text]),
);

async function scored(scorer: string) {
  const task = await gqa.load(folder, { scorer });
  const verdicts = task.judge(predictions);
  return { verdicts, ...task.aggregate(verdicts) };
}

describe("GQA's scores", () => {
  it.each(["llava", "official"])("by %s are those of eval.py, with all their parts", async (scorer) => {
    const { headline, scores } = await scored(scorer);
    const named = Object.fromEntries(
      scores.map(({ name, value, count }) => [name, [roundHalfEven(value, 2), count]]),
    );
    const { accuracy, binary, open, structural, semantic, steps, words } = expected[scorer];
    expect(roundHalfEven(headline.value, 2)).toBe(accuracy);
    expect([named.binary[0], named.open[0]]).toEqual([binary, open]);
    for (const [kind, parts] of Object.entries({ structural, semantic, steps, words })) {
      expect(Object.keys(parts).length).toBeGreaterThan(1);
      for (const [name, value] of Object.entries(parts)) expect(named[`${kind}/${name}`]).toEqual(value);
    }
  });

  it.each(["lmms_eval", "vlmevalkit"])("by %s are that program's, question by question", async (scorer) => {
    const { verdicts } = await scored(scorer);
    const right = Object.fromEntries(verdicts.map(({ questions, credit }) => [questions[0], credit === 1]));
    expect(right).toEqual(expected[scorer].perQuestion);
  });

  it("forgive periods at the end and case, nothing else", () => {
    const { llava, lmms_eval: lmms } = gqaRules;
    expect(llava("Yes.", "yes") && llava("yes...", "yes")).toBe(true);
    expect([" yes", "yes ", "the yes", "yes!"].filter((text) => llava(text, "yes"))).toEqual([]);
    expect([llava("2", "two"), lmms("2", "two")]).toEqual([false, false]);
    expect([llava("tshirt", "t-shirt"), lmms("tshirt", "t-shirt")]).toEqual([false, true]);
  });

  it("are about balanced questions only", async () => {
    const all = Object.values<{ isBalanced: boolean }>(
      expectation("gqa/data/questions1.2/testdev_balanced_questions.json"),
    );
    const { questions } = await gqa.load(folder);
    expect(questions).toHaveLength(all.filter(({ isBalanced }) => isBalanced).length);
    expect(questions.length).toBeLessThan(all.length);
  });
});

describe("GQA's files", () => {
  it("keep the zeros before an id, and name pictures by theirs", async () => {
    const { questions } = await gqa.load(folder);
    expect(questions[0]).toMatchObject({
      id: "01307251",
      picture: { name: "n100000.jpg", path: join(folder, "data/images/n100000.jpg") },
      text: "Does the image have a plain background?\nAnswer the question using a single word or phrase.",
      maxNewTokens: 128,
    });
  });

  it("are found beside each other, too", async () => {
    const scratch = scratchFolder();
    const file = "testdev_balanced_questions.json";
    writeFileSync(join(scratch, file), readFileSync(join(folder, "data/questions1.2", file)));
    expect((await gqa.load(scratch)).questions).toHaveLength(54);
  });

  it("are refused where LLaVA's file differs, by its line", async () => {
    const scratch = scratchFolder("gqa");
    const file = join(scratch, "llava_gqa_testdev_balanced.jsonl");
    const lines = readFileSync(file, "utf8").trim().split("\n");
    const load = (content: string) => {
      writeFileSync(file, content);
      return gqa.load(scratch);
    };
    await expect(load(lines.slice(0, -1).join("\n"))).rejects.toThrow(
      /expected 54 questions, found 53, without/,
    );
    await expect(load([lines[0], ...lines].join("\n"))).rejects.toThrow(/balanced\.jsonl:2.*twice/);
    await expect(load(lines.join("\n").replace("n100000", "n100001"))).rejects.toThrow(
      /balanced\.jsonl:1: not the/,
    );
    appendFileSync(file, '\n{"question_id": "0130');
    await expect(gqa.load(scratch)).rejects.toThrow(/balanced\.jsonl:1: not the/);
  });

  it("are refused where LLaVA's file asks what the tier does not have", async () => {
    const scratch = scratchFolder("gqa");
    const file = join(scratch, "llava_gqa_testdev_balanced.jsonl");
    writeFileSync(file, readFileSync(file, "utf8").replace('"01307251"', '"99"'));
    await expect(gqa.load(scratch)).rejects.toMatchObject({
      code: "INVALID_FILE",
      message: expect.stringMatching(
        /balanced\.jsonl:1: not the.*expected a question id that is in it, found 99/,
      ),
    });
  });

  it.each([
    ["no structural type", /"structural": "verify"/, '"other": 1'],
    ["no semantic type", /"semantic": "global"/, '"semantic": null'],
  ])("are refused with %s", async (_, from, to) => {
    const scratch = scratchFolder("gqa");
    const file = join(scratch, "data/questions1.2/testdev_balanced_questions.json");
    writeFileSync(file, readFileSync(file, "utf8").replace(from, to));
    await expect(gqa.load(scratch)).rejects.toThrow(
      /questions\.json:1: the field "types" is wrong; expected a structural and a semantic type/,
    );
  });

  it("are named where they are missing", async () => {
    await expect(gqa.load(scratchFolder(), { tier: "val_balanced" })).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("data/questions1.2/val_balanced_questions.json"),
    });
  });

  it("are refused with a key that stands twice", async () => {
    const scratch = scratchFolder("gqa");
    const file = join(scratch, "data/questions1.2/testdev_balanced_questions.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"01404254": {', '"01307251": {'));
    await expect(gqa.load(scratch)).rejects.toThrow(/a key stands twice/);
  });
});
