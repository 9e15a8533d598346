import { readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
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

  it("have perception in front, 0 where only cognition was asked, and no cognition where none was", async () => {
    const task = await mme.load(data);
    const right = new Map(task.questions.map(({ id }) => [id, id.endsWith("#1") ? "Yes" : "No"]));
    const of = (ability: string) => task.judge(right).filter(({ subtask }) => subtask.ability === ability);
    const { headline, scores } = task.aggregate(of("cognition"));
    expect(headline).toEqual({ name: "perception", value: 0, unit: "points", count: 0 });
    expect(scores.slice(0, 3).map(({ name, value }) => [name, value])).toEqual([
      ["perception", 0],
      ["perception/possible", 0],
      ["cognition", 800],
    ]);
    expect(task.aggregate(of("perception")).scores.map(({ name }) => name)).not.toContain("cognition");
  });

  it("say what is possible where subtasks are not there", async () => {
    const task = await mme.load(data);
    const verdicts = task.judge(new Map()).filter(({ subtask }) => subtask.name !== "OCR");
    expect(value(task.aggregate(verdicts), "perception/possible")).toBe(1800);
    expect(value(task.aggregate(task.judge(new Map())), "perception/possible")).toBeUndefined();
  });
});
