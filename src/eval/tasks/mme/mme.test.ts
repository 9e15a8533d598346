import { readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import { checkAnswers } from "../../answers/check-answers.js";
import { readAnswers } from "../../answers/given-answers.js";
import type { LoadedTask, Scores } from "../../task.js";
import { mme } from "./mme.js";
import type { PairVerdict } from "./score.js";
import { yesNoReaders } from "./yes-no.js";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../test/fixtures/eval/mme/${name}`, import.meta.url));
const json = (name: string) => JSON.parse(readFileSync(fixture(name), "utf8"));
const data = fixture("data");

const scored = async (task: LoadedTask<PairVerdict>, file: string): Promise<Scores> => {
  const { answers } = checkAnswers(task, await readAnswers(task, [file]));
  return task.aggregate(task.judge(answers));
};
const value = ({ scores }: Scores, name: string) => scores.find((score) => score.name === name)?.value;

describe("reading yes or no", () => {
  const { columns, read }: { columns: string[]; read: string[][] } = json("read.json");
  it.each(Object.entries(yesNoReaders))("goes as the public scorer %s goes", (name, readYesNo) => {
    const expected = (row: string[]) => row[columns.indexOf(name)].replace(/other|unknown/, "");
    expect(read.length).toBeGreaterThan(40);
    expect(read.filter((row) => (readYesNo(row[0]) ?? "") !== expected(row))).toEqual([]);
  });

  it("looks at the first four characters, unstripped", () => {
    const { official } = yesNoReaders;
    const no = ["Not sure", "None", "Nothing", "know", "Snow", "  no"];
    const neither = ["There is no cat", "   no", "    Yes", "n", ""];
    expect(no.map(official)).toEqual(no.map(() => "no"));
    expect(neither.map(official)).toEqual(neither.map(() => undefined));
  });
});

describe("MME's scores", () => {
  const expected: Record<string, Record<string, number>> = json("scores.json");
  it.each(Object.keys(expected))("are those of the public scorer %s", async (scorer) => {
    const scores = await scored(await mme.load(data, { scorer }), fixture("answers.jsonl"));
    const got = Object.fromEntries(scores.scores.map((score) => [score.name.split("/").at(-1), score.value]));
    expect(Object.keys(expected[scorer]).length).toBeGreaterThan(1);
    for (const [name, number] of Object.entries(expected[scorer])) expect(got[name]).toBeCloseTo(number, 8);
  });

  it("have perception alone as the headline, not its sum with cognition", async () => {
    const { headline } = await scored(await mme.load(data), fixture("answers.jsonl"));
    expect(headline).toMatchObject({ name: "perception", unit: "points", count: 60 });
    expect(headline.value).toBeCloseTo(expected.official.perception, 8);
  });

  it("come out the same from the folder that LLaVA's converter writes, and from its files", async () => {
    const task = await mme.load(data);
    const ours = await scored(task, fixture("answers.jsonl"));
    expect(await scored(task, fixture("results"))).toEqual(ours);
    const files = Object.keys(expected.official)
      .filter((name) => !["perception", "cognition"].includes(name))
      .map((name) => join(fixture("results"), `${name}.txt`));
    const { answers } = checkAnswers(task, await readAnswers(task, files));
    expect(task.aggregate(task.judge(answers))).toEqual(ours);
  });

  it("count a picture only where both answers are right", async () => {
    const task = await mme.load(data);
    const right = new Map(task.questions.map(({ id }) => [id, id.endsWith("#1") ? "Yes" : "No"]));
    const perfect = task.aggregate(task.judge(right));
    expect([value(perfect, "perception"), value(perfect, "cognition")]).toEqual([2000, 800]);
    right.set("count/0002.jpg#2", "Yes");
    const less = task.aggregate(task.judge(right));
    expect(value(less, "perception/count/acc")).toBeCloseTo(500 / 6, 10);
    expect(value(less, "perception/count/acc+")).toBeCloseTo(200 / 3, 10);
    right.delete("count/0002.jpg#2");
    expect(task.aggregate(task.judge(right))).toEqual(less);
  });

  it("pair the lines of a result by picture, in whatever order they stand", async () => {
    const folder = await mkdtemp(join(tmpdir(), "mme-"));
    await cp(fixture("results"), folder, { recursive: true });
    const lines = (await readFile(join(folder, "count.txt"), "utf8")).trim().split("\n");
    await writeFile(join(folder, "count.txt"), [...lines.slice(3), ...lines.slice(0, 3)].join("\n"));
    const task = await mme.load(data);
    expect(await scored(task, folder)).toEqual(await scored(task, fixture("results")));
    await rm(folder, { recursive: true });
  });

  it("tell of each picture which questions, subtask and part of them are right, and each number's unit", async () => {
    const task = await mme.load(data);
    const verdicts = task.judge(new Map([["OCR/0001.png#1", "Yes"]]));
    expect(verdicts.find(({ groups }) => groups[1] === "perception/OCR")).toMatchObject({
      questions: ["OCR/0001.png#1", "OCR/0001.png#2"],
      groups: ["perception", "perception/OCR"],
      ...{ credit: 0.5, right: 1 },
    });
    const perception = verdicts.filter(
      ({ subtask }) => subtask.ability === "perception" && subtask.name !== "OCR",
    );
    const { scores } = task.aggregate(perception);
    expect(scores.slice(0, 3).map(({ name, unit }) => [name, unit])).toEqual([
      ["perception", "points"],
      ["perception/possible", "points"],
      ["perception/existence", "points"],
    ]);
    expect(scores.filter(({ name }) => name.startsWith("cognition"))).toEqual([]);
    expect(task.shares!("perception/possible", perception)).toEqual([]);
  });

  it("say what is possible where subtasks are not there", async () => {
    const task = await mme.load(data);
    const verdicts = task.judge(new Map()).filter(({ subtask }) => subtask.name !== "OCR");
    expect(value(task.aggregate(verdicts), "perception/possible")).toBe(1800);
    expect(value(task.aggregate(task.judge(new Map())), "perception/possible")).toBeUndefined();
  });
});

describe("MME's questions", () => {
  it("are LLaVA's, in LLaVA's order, also those with two spaces", async () => {
    const { questions } = await mme.load(data);
    const lines = readFileSync(fixture("data/llava_mme.jsonl"), "utf8").trim().split("\n");
    const theirs = lines.map((line) => JSON.parse(line));
    expect(questions.map(({ text }) => text)).toEqual(theirs.map(({ text }) => text));
    expect(questions.map(({ picture }) => picture!.name)).toEqual(theirs.map(({ image }) => image));
    expect(new Set(questions.map(({ id }) => id)).size).toBe(84);
    expect(questions.every(({ maxNewTokens }) => maxNewTokens === 128)).toBe(true);
  });

  it("are the same without LLaVA's file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "mme-"));
    await cp(data, folder, { recursive: true });
    await rm(join(folder, "llava_mme.jsonl"));
    await rm(join(folder, "MME_Benchmark_release_version"), { recursive: true });
    const built = await mme.load(folder);
    const texts = (questions: LoadedTask["questions"]) =>
      questions.map(({ id, text, picture }) => `${id} ${text} ${picture!.name}`).sort();
    expect(texts(built.questions)).toEqual(texts((await mme.load(data)).questions));
    expect(built.questions[0].id).toBe("existence/0001.png#1");
    await rm(folder, { recursive: true });
  });
});

describe("MME's files", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mme-"));
    await cp(data, join(folder, "data"), { recursive: true });
    await cp(fixture("results"), join(folder, "results"), { recursive: true });
    return () => rm(folder, { recursive: true });
  });

  const change = async (file: string, edit: (text: string) => string) => {
    const path = join(folder, file);
    await writeFile(path, edit(await readFile(path, "utf8")));
  };
  const release = "data/MME_Benchmark_release_version";

  it.each([
    [
      "one question",
      `${release}/count/0001.txt`,
      (text: string) => text.split("\n")[0],
      /0001\.txt:1.*two questions.*expected 2 lines, found 1/,
    ],
    [
      "no tab",
      `${release}/count/0001.txt`,
      (text: string) => text.replace("\t", " "),
      /0001\.txt:1.*expected 2 between tabs/,
    ],
    [
      "another answer",
      `${release}/count/0001.txt`,
      (text: string) => text.replace("\tYes", "\tMaybe"),
      /0001\.txt:1.*neither Yes nor No.*"Maybe"/,
    ],
    [
      "the same question",
      `${release}/count/0001.txt`,
      (text: string) => text.replace("second", "first"),
      /0001\.txt:2.*stands twice/,
    ],
    [
      "parted pairs",
      "data/eval_tool/Your_Results/OCR.txt",
      (text: string) => text.split("\n").slice(1).join("\n"),
      /OCR\.txt:2.*OCR\/0001\.png and OCR\/0002\.jpg/,
    ],
    [
      "another question in LLaVA's file",
      "data/llava_mme.jsonl",
      (text: string) => text.replace("OCR 1", "OCR 9"),
      /llava_mme\.jsonl:1.*not a question/,
    ],
    [
      "a question less in LLaVA's file",
      "data/llava_mme.jsonl",
      (text: string) => text.trim().split("\n").slice(0, -1).join("\n"),
      /llava_mme\.jsonl:83.*expected 84 questions/,
    ],
    [
      "a torn line in LLaVA's file",
      "data/llava_mme.jsonl",
      (text: string) => text.slice(0, -9),
      /llava_mme\.jsonl:84.*not valid JSON/,
    ],
  ])("are refused with file and line: %s", async (_, file, edit, message) => {
    await change(file, edit);
    await expect(mme.load(join(folder, "data"))).rejects.toThrow(message);
  });

  it("are the evaluation tool's tables where a subtask's folder has pictures alone", async () => {
    const ids = async () => (await mme.load(join(folder, "data"))).questions.map(({ id }) => id);
    const before = await ids();
    for (const name of ["0001.png", "0002.jpg", "0003.jpg"]) {
      await rm(join(folder, release, `count/${name.slice(0, 4)}.txt`));
      await writeFile(join(folder, release, "count", name), "");
    }
    expect(await ids()).toEqual(before);
  });

  it("need a picture, or its name, for every pair", async () => {
    await rm(join(folder, release, "existence/0003.jpg"));
    expect((await mme.load(join(folder, "data"))).questions).toHaveLength(84);
    await rm(join(folder, "data/llava_mme.jsonl"));
    await expect(mme.load(join(folder, "data"))).rejects.toThrow(/existence\/0003\.txt: no picture belongs/);
    await expect(mme.load(folder)).rejects.toThrow(/no subtask of MME/);
  });

  it.each([
    [
      "a tab in an answer",
      (text: string) => text.replace("\tSnow", "\tSnow\tfalls"),
      /count\.txt:1.*expected 4 between tabs.*found 5.*tab in it/,
    ],
    [
      "a line break in an answer",
      (text: string) => text.replace("\tSnow", "\tSnow\nfalls"),
      /count\.txt:2.*found 1.*line break/,
    ],
    ["no answers", (text: string) => text.replace(/\t[^\t\n]*$/gm, ""), /count\.txt:1.*found 3/],
    [
      "another right answer",
      (text: string) =>
        text.replace("there?  Please answer yes or no.\tYes", "there?  Please answer yes or no.\tNo"),
      /count\.txt:3.*expected yes, as in .*0002\.txt:1/,
    ],
    [
      "another question",
      (text: string) => text.replace("of count 3", "of count 7"),
      /unknown questions: count\/0003\.txt ".*count 7.*count\.txt:5/,
    ],
    [
      "a line less",
      (text: string) => text.split("\n").slice(1).join("\n"),
      /1 questions without an answer: count\/0001\.png#1/,
    ],
    [
      "a line twice",
      (text: string) => text + text.split("\n")[0],
      /answered twice: count\/0001\.png#1 \(.*:1 and .*:7\)/,
    ],
  ])("of results are refused: %s", async (_, edit, message) => {
    await change("results/count.txt", edit);
    const task = await mme.load(join(folder, "data"));
    const check = async () => checkAnswers(task, await readAnswers(task, [join(folder, "results")]));
    await expect(check()).rejects.toThrow(message);
  });

  it("of answers without prompts cannot be matched, unless they have our ids", async () => {
    const task = await mme.load(data);
    const path = join(folder, "answers.jsonl");
    await writeFile(path, '{"question_id": "count/0001.png", "text": "Yes"}\n');
    const check = async () => checkAnswers(task, await readAnswers(task, [path]));
    await expect(check()).rejects.toThrow(/answers\.jsonl:1: an answer to one of two questions/);
    const ours = task.questions.map(({ id }) => JSON.stringify({ question_id: id, text: "Yes" }));
    await writeFile(path, ours.join("\n"));
    expect((await check()).answers.size).toBe(84);
    await expect(readAnswers(task, [data])).rejects.toThrow(/no results of MME in this folder/);
  });
});
