import { readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkAnswers } from "../../answers/check-answers.js";
import { readAnswers } from "../../answers/given-answers.js";
import type { LoadedTask, Scores } from "../../task.js";
import { choiceReaders } from "./read-choice.js";
import { scienceqa } from "./scienceqa.js";

const fixtures = fileURLToPath(new URL("../../../../test/fixtures/eval/scienceqa", import.meta.url));
const fixture = (name: string) => join(fixtures, name);
const data = fixture("data");

const scored = async (task: LoadedTask, file: string): Promise<Scores> => {
  const given = await readAnswers(task, [file]);
  return task.aggregate(task.judge(checkAnswers(task, given, { allowMissing: true }).answers));
};
const value = ({ scores }: Scores, name: string) => scores.find((score) => score.name === name);

describe("reading a choice", () => {
  const { sets, columns, read } = JSON.parse(readFileSync(fixture("read.json"), "utf8"));
  it.each(Object.entries(choiceReaders))("goes as the public scorer %s goes", (name, readChoice) => {
    const wrong = read.filter(
      (row: readonly [number, string, ...number[]]) =>
        readChoice(row[1], sets[row[0]]) !== row[columns.indexOf(name)],
    );
    expect(read.length).toBeGreaterThan(200);
    expect(wrong).toEqual([]);
  });

  it("knows LLaVA's wildcard: the period of its pattern asks for one more character, whichever", () => {
    const { llava } = choiceReaders;
    expect(llava("The answer is A", ["x", "y"])).toBe(-1);
    expect(llava("The answer is A, because", ["x", "y"])).toBe(0);
    expect(llava("The answer is C.", ["x", "y"])).toBe(-1);
  });
});

describe("ScienceQA's scores", () => {
  it("are those of LLaVA's scorer, with its denominator where a picture question has no answer", async () => {
    const { printed } = JSON.parse(readFileSync(fixture("read.json"), "utf8"));
    const task = await scienceqa.load(data, { unanswered: "llava" });
    const scores = await scored(task, fixture("answers.jsonl"));
    const all = value(scores, "all")!;
    const line = `Total: ${all.count}, Correct: 5, Accuracy: ${all.value.toFixed(2)}%, IMG-Accuracy: ${scores.headline.value.toFixed(2)}%\n`;
    expect(line).toBe(printed);
    expect(scores.headline.count).toBe(5);
  });

  it("count a question without an answer as wrong, also in the headline", async () => {
    const { headline } = await scored(await scienceqa.load(data), fixture("answers.jsonl"));
    expect(headline).toMatchObject({ name: "img", unit: "percent", count: 6 });
    expect(headline.value).toBeCloseTo(400 / 6, 10);
  });

  it("have the parts of ScienceQA's own tables", async () => {
    const scores = await scored(await scienceqa.load(data), fixture("answers.jsonl"));
    const counts = Object.fromEntries(scores.scores.map((score) => [score.name, score.count]));
    expect(counts).toMatchObject({
      all: 8,
      img: 6,
      "subject/natural science": 6,
      "subject/language science": 1,
      "context/text": 3,
      "context/none": 1,
      "grade/1-6": 5,
      "grade/7-12": 3,
      "topic/physics": 3,
    });
    expect(value(scores, "grade/7-12")!.value).toBeCloseTo(200 / 3, 10);
  });

  it("come out the same from LLaVA's own result files", async () => {
    const task = await scienceqa.load(data);
    const expected = await scored(task, fixture("answers.jsonl"));
    expect(await scored(task, fixture("analysis.json"))).toEqual(expected);
    expect(await scored(task, fixture("result.json"))).toEqual(expected);
  });

  it("take the indices of a result file that has no texts", async () => {
    const task = await scienceqa.load(data);
    const { results } = JSON.parse(await readFile(fixture("result.json"), "utf8"));
    const folder = await mkdtemp(join(tmpdir(), "scienceqa-"));
    await writeFile(join(folder, "r.json"), JSON.stringify({ results }));
    const expected = await scored(task, fixture("result.json"));
    expect(await scored(task, join(folder, "r.json"))).toEqual(expected);
    await rm(folder, { recursive: true });
  });
});

describe("ScienceQA's questions", () => {
  it("are LLaVA's, with and without its question file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "scienceqa-"));
    await cp(data, folder, { recursive: true });
    const task = await scienceqa.load(folder);
    await rm(join(folder, "llava_test_CQM-A.json"));
    const built = await scienceqa.load(folder);
    expect(built.questions).toEqual(task.questions);
    const lines = (await readFile(fixture("answers.jsonl"), "utf8")).trim().split("\n");
    for (const line of lines) {
      const { question_id: id, prompt } = JSON.parse(line);
      const { text, picture, maxNewTokens } = task.questions.find((question) => question.id === id)!;
      expect((picture === undefined ? "" : "<image>\n") + text).toBe(prompt);
      expect(maxNewTokens).toBe(1024);
    }
    expect(task.questions.find(({ id }) => id === "32")!.picture).toBeUndefined();
    expect(task.questions.find(({ id }) => id === "4")!.picture).toEqual({
      name: "4/image.png",
      path: join(folder, "images/test/4/image.png"),
    });
    await rm(folder, { recursive: true });
  });

  it("can be those with a picture only, or those of another split", async () => {
    expect((await scienceqa.load(data, { questions: "img" })).questions).toHaveLength(6);
    const mini = await scienceqa.load(data, { split: "minitest" });
    expect(mini.questions.map(({ id }) => id)).toEqual(["4", "11"]);
  });
});

describe("ScienceQA's files", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "scienceqa-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const refused = async (file: string, change: (text: string) => string) => {
    await cp(data, folder, { recursive: true });
    await writeFile(join(folder, file), change(await readFile(join(data, file), "utf8")));
    return expect(scienceqa.load(folder)).rejects;
  };

  it.each([
    [
      "truncated",
      "problems.json",
      (text: string) => text.slice(0, -200),
      /problems\.json:\d+: .*ends in the middle/,
    ],
    [
      "an answer out of range",
      "problems.json",
      (text: string) => text.replace('"answer": 4', '"answer": 5'),
      /problems\.json:\d+.*"answer" is wrong; expected an index below 5/,
    ],
    [
      "a problem less",
      "problems.json",
      (text: string) => text.replace('"18": {', '"19": {'),
      /problem that is not there; expected a problem "18"/,
    ],
    [
      "a picture's name that leaves",
      "problems.json",
      (text: string) => text.replaceAll('"image.png"', '"../../x.png"'),
      /leaves its folder/,
    ],
    ["no such split", "pid_splits.json", () => "{}", /the split is not there/],
    [
      "another answer",
      "llava_test_CQM-A.json",
      (text: string) => text.replace('"value": "E"', '"value": "D"'),
      /CQM-A\.json:\d+.*another answer.*expected E, found D/,
    ],
    [
      "a question less",
      "llava_test_CQM-A.json",
      (text: string) => JSON.stringify(JSON.parse(text).slice(1)),
      /expected 8 questions, found 7, none of 4/,
    ],
    [
      "a stranger",
      "llava_test_CQM-A.json",
      (text: string) => text.replace('"id": "53"', '"id": "54"'),
      /does not have; found 54/,
    ],
    [
      "a question twice",
      "llava_test_CQM-A.json",
      (text: string) => text.replace('"id": "11"', '"id": "4"'),
      /CQM-A\.json:16: a question that stands twice; found 4/,
    ],
    [
      "no answer",
      "llava_test_CQM-A.json",
      (text: string) => text.replace('"value": "B"', '"text": "B"'),
      /CQM-A\.json:2: no question and answer; expected conversations with two turns/,
    ],
    [
      "a picture where there is none",
      "llava_test_CQM-A.json",
      (text: string) => text.replace('"id": "11",', '"id": "11", "image": "11/image.png",'),
      /CQM-A\.json:16: a picture on one side only; expected no picture, as in problems\.json, found a picture/,
    ],
    [
      "no picture where there is one",
      "llava_test_CQM-A.json",
      (text: string) => text.replace('"image": "4/image.png",', ""),
      /CQM-A\.json:2: a picture on one side only; expected 4\/image\.png, found none/,
    ],
    [
      "a picture that the question does not show",
      "llava_test_CQM-A.json",
      (text: string) => text.replace("<image>\\nWhich is an", "Which is an"),
      /CQM-A\.json:2: a picture on one side only/,
    ],
    [
      "one choice",
      "problems.json",
      (text: string) => text.replace(/"run",\s*"red",\s*"dog"/, '"run"'),
      /problems\.json:\d+.*"choices" is wrong; expected 2 to \d+ texts, found a list/,
    ],
    [
      "a choice that is no text",
      "problems.json",
      (text: string) => text.replace('"red"', "7"),
      /"choices" is wrong/,
    ],
    [
      "half an answer",
      "problems.json",
      (text: string) => text.replace('"answer": 4', '"answer": 0.5'),
      /"answer" is wrong; expected an index below 5, found 0\.5/,
    ],
    [
      "an answer below 0",
      "problems.json",
      (text: string) => text.replace('"answer": 4', '"answer": -1'),
      /"answer" is wrong.*found -1/,
    ],
    [
      "a picture that is no name",
      "problems.json",
      (text: string) => text.replaceAll('"image.png"', "true"),
      /"image" is wrong; expected a file name or null, found true/,
    ],
    [
      "a problem twice",
      "pid_splits.json",
      (text: string) => text.replace('"18"', '"11"'),
      /pid_splits\.json: the split test lists a problem twice/,
    ],
    [
      "an empty split",
      "pid_splits.json",
      () => '{"test": [], "val": []}',
      /the split is not there; expected "test": a list of problem ids, found the splits test, val/,
    ],
    ["a split of numbers", "pid_splits.json", () => '{"test": [4]}', /the split is not there/],
    ["splits that are none", "pid_splits.json", () => "[]", /the split is not there.*found no object/],
  ])("are refused with file and line: %s", async (_, file, change, message) => {
    await (await refused(file, change)).toMatchObject({
      code: "INVALID_FILE",
      message: expect.stringMatching(message),
    });
  });

  it("of answers are refused where they are about something else", async () => {
    const task = await scienceqa.load(data);
    const answers = await readFile(fixture("answers.jsonl"), "utf8");
    const path = join(folder, "answers.jsonl");
    const check = async (text: string) => {
      await writeFile(path, text);
      checkAnswers(task, await readAnswers(task, [path]));
    };
    await expect(check(answers)).rejects.toThrow(/1 questions without an answer: 53/);
    await expect(check(answers + answers.split("\n")[0])).rejects.toThrow(
      /answered twice: 4 \(.*:1 and .*:8\)/,
    );
    await expect(check(answers.replace('"4"', '"5"'))).rejects.toThrow(/unknown questions: 5 \(.*:1\)/);
    await expect(check(answers.replace("Which is red", "Which is blue"))).rejects.toThrow(
      /differently worded/,
    );
    await expect(check('{"results": {"4": 1},')).rejects.toThrow(/answers\.jsonl:1: not valid JSON/);
    await expect(check('{"acc": 1}')).rejects.toThrow(/not a result of ScienceQA/);
    await expect(check('{"results": {"4": "B"}}')).rejects.toThrow(/problem 4 has no result/);
  });
});
