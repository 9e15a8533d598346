import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expectation, scratchFolder, shortAnswers } from "../../../../test/support/short-answers.js";
import { roundHalfEven } from "../../scoring/round-half-even.js";
import type { TaskOptions, Verdict } from "../../task.js";
import { vqaRules } from "./rules.js";
import { vqav2 } from "./vqav2.js";

const folder = join(shortAnswers, "vqav2");
const expected = expectation("vqav2/expected.json");
const predictions = new Map<string, string>(
  expectation("vqav2/results.json").map((one: { question_id: number; answer: string }) => [
    String(one.question_id),
    one.answer,
  ]),
);

async function scored(options: TaskOptions, answers: ReadonlyMap<string, string> = predictions) {
  const task = await vqav2.load(folder, options);
  const verdicts = task.judge(answers);
  return { verdicts, ...task.aggregate(verdicts) };
}
const byQuestion = (verdicts: readonly Verdict[]) =>
  Object.fromEntries(verdicts.map(({ questions, credit }) => [questions[0], Math.round(1e4 * credit) / 100]));

describe("VQAv2's scores", () => {
  it.each([
    "strict_vqaeval_2021",
    "vqaeval_before_2021",
    "lmms_eval",
    "m4c",
    "vlmevalkit",
  ])("by %s are that program's, question by question", async (scorer) => {
    const { verdicts, headline } = await scored({ scorer });
    expect(byQuestion(verdicts)).toEqual(expected[scorer].perQuestion);
    expect(roundHalfEven(headline.value, 2)).toBe(expected[scorer].overall.toFixed(2));
  });

  it("come with the official program's scores by type of answer and question", async () => {
    const { scores, headline } = await scored({ scorer: "strict_vqaeval_2021" });
    const { perAnswerType, perQuestionType } = expected.strict_vqaeval_2021;
    const named = Object.fromEntries(scores.map(({ name, value }) => [name, roundHalfEven(value, 2)]));
    expect(headline.name).toBe("overall");
    expect(Object.keys(perAnswerType)).toHaveLength(3);
    for (const [type, value] of Object.entries<number>(perAnswerType))
      expect(named[`answer-type/${type.replace("/", "-")}`]).toBe(value.toFixed(2));
    for (const [type, value] of Object.entries<number>(perQuestionType))
      expect(named[`question-type/${type}`]).toBe(value.toFixed(2));
  });

  it("normalise always by default, as lmms-eval does but for several commas in a number", async () => {
    const { verdicts } = await scored({});
    const ours = byQuestion(verdicts);
    const differing = Object.keys(ours).filter((id) => ours[id] !== expected.lmms_eval.perQuestion[id]);
    expect(differing.map((id) => predictions.get(id))).toEqual(["1,,2", "12"]);
  });

  it("of LLaVA's upload lose the possessive, which is normalised twice", async () => {
    const rules = { scorer: "strict_vqaeval_2021", predictions: "llava_submission" };
    const { verdicts } = await scored(rules);
    expect(byQuestion(verdicts)).toEqual(expected["llava_submission+strict_vqaeval_2021"].perQuestion);
    const possessive = [...predictions].find(([, text]) => text === "women's")![0];
    expect(byQuestion(verdicts)[possessive]).toBe(0);
    expect(byQuestion((await scored({ scorer: "strict_vqaeval_2021" })).verdicts)[possessive]).toBe(100);
  });

  // The table of the published disagreements.
  const ten = (text: string) => Array<string>(10).fill(text);
  it.each([
    ["Yes", ten("yes"), [0, 100, 100, 100, 100, 100]],
    ["dog", ten("the dog"), [0, 0, 100, 100, 100, 100]],
    ["2", [...ten("two").slice(1), "3"], [100, 0, 100, 100, 100, 100]],
    [
      "Net",
      ["Net", "net", "NET", "net", "net", ...ten("tennis net").slice(5)],
      [100, 90, 100, 100, 100, 100],
    ],
  ] as const)("of %s disagree as published", (prediction, people, credits) => {
    const rules = [
      "strict_vqaeval_2021",
      "vqaeval_before_2021",
      "m4c",
      "lmms_eval",
      "vlmevalkit",
      "always",
    ] as const;
    expect(rules.map((name) => Math.round(100 * vqaRules[name]()(prediction, people)))).toEqual(credits);
  });

  it("count a question without an answer as wrong, even where an empty answer would be right", async () => {
    const task = await vqav2.load(folder);
    const articles = task.questions.filter(({ id }) => ["", "the"].includes(predictions.get(id)!));
    expect(articles.length).toBeGreaterThan(0);
    expect(task.judge(new Map()).every(({ credit }) => credit === 0)).toBe(true);
  });

  it("need labels, which test-dev has not", async () => {
    const scratch = scratchFolder();
    const line = {
      question_id: 1,
      image: "COCO_test2015_000000000001.jpg",
      text: "Why?\nAnswer",
      category: "default",
    };
    writeFileSync(join(scratch, "llava_vqav2_mscoco_test-dev2015.jsonl"), `${JSON.stringify(line)}\n`);
    const task = await vqav2.load(scratch, { split: "test-dev2015" });
    expect(task.questions).toMatchObject([{ id: "1", text: "Why?\nAnswer" }]);
    expect(task.questions[0].picture).toMatchObject({
      path: join(scratch, "test2015/COCO_test2015_000000000001.jpg"),
    });
    expect(() => task.judge(new Map())).toThrow(
      expect.objectContaining({
        code: "NO_LABELS",
        message: expect.stringMatching(/^split=test-dev2015: .*no public labels.*challenge's server/),
      }),
    );
  });
});

describe("VQAv2's files", () => {
  const official = "v2_OpenEnded_mscoco_val2014_questions.json";
  const annotations = "v2_mscoco_val2014_annotations.json";
  const change = (name: string, edit: (text: string) => string) => {
    const scratch = scratchFolder("vqav2");
    writeFileSync(join(scratch, name), edit(readFileSync(join(scratch, name), "utf8")));
    return vqav2.load(scratch);
  };

  it("make LLaVA's questions, with the pictures' official names", async () => {
    const { questions } = await vqav2.load(folder);
    expect(questions[0]).toEqual({
      id: "1000000",
      picture: {
        name: "COCO_val2014_000000001000.jpg",
        path: join(folder, "val2014/COCO_val2014_000000001000.jpg"),
      },
      text: "Question 0?\nAnswer the question using a single word or phrase.",
      maxNewTokens: 128,
      detail: undefined,
    });
    expect(questions[0].picture).toBe(questions[1].picture);
  });

  it.each([
    ["truncated", official, (text: string) => text.slice(0, 2000), /questions\.json:1.*ends in the middle/],
    ["truncated within a record", annotations, (text: string) => text.slice(0, -700), /ends in the middle/],
    [
      "with a question twice",
      official,
      (text: string) => text.replace('"question_id": 1000001', '"question_id": 1000000'),
      /entry 2.*twice.*1000000/,
    ],
    [
      "with an unknown annotation",
      annotations,
      (text: string) => text.replace('"question_id": 1000001', '"question_id": 99'),
      /question 99/,
    ],
    [
      "with an annotation twice",
      annotations,
      (text: string) => text.replace('"question_id": 1000001', '"question_id": 1000000'),
      /entry 2.*twice.*1000000/,
    ],
    [
      "with answers that are none",
      annotations,
      (text: string) => text.replace(/\{"answer": "yes"[^}]*\}/, '"yes"'),
      /annotations\.json:1.*"answers" is wrong; expected objects with an answer each, found "yes"/,
    ],
    [
      "with an answer that is no text",
      annotations,
      (text: string) => text.replace('{"answer": "yes"', '{"answer": 7'),
      /"answers" is wrong; expected objects with an answer each, found an object/,
    ],
    [
      "with nine answers",
      annotations,
      (text: string) => text.replace(/\{"answer": "yes"[^}]*\}, /, ""),
      /not ten answers.*found 9/,
    ],
    [
      "with a number for a question",
      official,
      (text: string) => text.replace('"Question 0?"', "7"),
      /"question".*expected a text, found 7/,
    ],
    ["of another layout", official, (text: string) => `[${text}]`, /not the layout of this file/],
  ])("are refused %s", async (_, name, edit, message) => {
    await expect(change(name, edit)).rejects.toMatchObject({
      code: "INVALID_FILE",
      message: expect.stringMatching(message),
    });
  });

  it("are refused where a question lacks its annotation", async () => {
    const drop = (text: string) => {
      const content = JSON.parse(text);
      content.annotations.pop();
      return JSON.stringify(content);
    };
    await expect(change(annotations, drop)).rejects.toThrow(
      /a question without its annotation.*none of question/,
    );
  });

  it("are refused where LLaVA's file asks anything else, and named where they are missing", async () => {
    const scratch = scratchFolder("vqav2");
    const line = {
      question_id: 1000000,
      image: "COCO_val2014_000000001000.jpg",
      text: "Question 1?",
      category: "default",
    };
    writeFileSync(join(scratch, "llava_vqav2_mscoco_val2014.jsonl"), `${JSON.stringify(line)}\n`);
    await expect(vqav2.load(scratch)).rejects.toThrow(
      /llava_vqav2_mscoco_val2014\.jsonl:1.*found "Question 1\?/,
    );
    const whole = (await vqav2.load(folder)).questions.map(({ id, picture, text }) =>
      JSON.stringify({ question_id: Number(id), image: picture!.name, text, category: "default" }),
    );
    const write = (lines: readonly string[]) =>
      writeFileSync(join(scratch, "llava_vqav2_mscoco_val2014.jsonl"), `${lines.join("\n")}\n`);
    write(whole);
    expect((await vqav2.load(scratch)).questions).toHaveLength(whole.length);
    write([whole[0], whole[0], ...whole.slice(2)]);
    await expect(vqav2.load(scratch)).rejects.toThrow(/val2014\.jsonl:2.*stands twice; found 1000000/);
    write([...whole, whole[0].replace("1000000", "99")]);
    await expect(vqav2.load(scratch)).rejects.toThrow(
      /val2014\.jsonl:\d+: not the question of the official file; expected a question id that is in it, found 99/,
    );
    write(
      whole.map((line, at) =>
        at === 0 ? line.replace("val2014_000000001000", "val2014_000000001001") : line,
      ),
    );
    await expect(vqav2.load(scratch)).rejects.toThrow(
      /val2014\.jsonl:1: not the.*expected "Question 0\?.* about COCO_val2014_000000001000\.jpg, found .* about COCO_val2014_000000001001/,
    );
    write([whole[0], ...whole.slice(2)]);
    await expect(vqav2.load(scratch)).rejects.toThrow(/is missing.*without 1000001/);
    await expect(vqav2.load(scratchFolder())).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining(official),
    });
  });
});
