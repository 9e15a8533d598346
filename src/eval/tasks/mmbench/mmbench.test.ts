import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checkAnswers } from "../../answers/check-answers.js";
import { readAnswers } from "../../answers/given-answers.js";
import type { LoadedTask, Scores } from "../../task.js";
import type { CircularVerdict } from "./judge.js";
import { mmbench } from "./mmbench.js";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../test/fixtures/eval/mmbench/${name}`, import.meta.url));
const data = fixture("data");

const scored = async (task: LoadedTask<CircularVerdict>, file: string): Promise<Scores> => {
  const { answers } = checkAnswers(task, await readAnswers(task, [file]));
  return task.aggregate(task.judge(answers));
};
const value = ({ scores }: Scores, name: string) => scores.find((score) => score.name === name)?.value;

describe("MMBench's questions", () => {
  const prompts = JSON.parse(readFileSync(fixture("prompts.json"), "utf8"));

  it("are asked as LLaVA asks them: hints, line breaks, options up to the first that is none", async () => {
    const { questions } = await mmbench.load(data);
    const ours = Object.fromEntries(questions.map(({ id, text }) => [id, `<image>\n${text}`]));
    expect(ours).toEqual(prompts.en);
    expect(questions.find(({ id }) => id === "280")!.text).toMatch(/A\. apple\nAnswer with/); // B is "None"
    expect(questions.every(({ maxNewTokens }) => maxNewTokens === 1024)).toBe(true);
  });

  it("have their pictures inside, one for all rotations", async () => {
    const { questions } = await mmbench.load(data);
    const pictures = questions.filter(({ id }) => id.endsWith("271")).map(({ picture }) => picture!);
    expect(new Set(pictures).size).toBe(1);
    expect(pictures[0]).toEqual({ name: "271.jpg", bytes: Buffer.from("not a real picture 271") });
  });

  it("can be the first rows alone", async () => {
    const { questions } = await mmbench.load(data, { rows: "first" });
    expect(questions.map(({ id }) => id)).toEqual(["241", "253", "260", "271", "280", "290", "301", "310"]);
  });
});

describe("MMBench's scores", () => {
  const expected = JSON.parse(readFileSync(fixture("scores.json"), "utf8"));
  const abbreviated: Record<string, string> = { AR: "attribute_reasoning", CP: "coarse_perception" };

  it.each([
    "vlmevalkit",
    "lmms_eval",
  ])("are those of %s, a question right where all its rows are", async (scorer) => {
    const scores = await scored(await mmbench.load(data, { scorer }), fixture("answers.jsonl"));
    expect(scores.headline).toMatchObject({ name: "circular", unit: "percent", count: 8 });
    expect(scores.headline.value).toBeCloseTo(100 * expected[scorer].circular, 10);
    for (const [name, share] of Object.entries<number>(expected[scorer].groups)) {
      const long = abbreviated[name] ?? name;
      expect(value(scores, `ability/${long}`) ?? value(scores, `category/${long}`)).toBeCloseTo(
        100 * share,
        10,
      );
    }
  });

  it("hit the questions that VLMEvalKit's circular evaluation hits, three rows of four options too", async () => {
    const task = await mmbench.load(data);
    const { answers } = checkAnswers(task, await readAnswers(task, [fixture("answers.jsonl")]));
    const verdicts = task.judge(answers);
    const hits = Object.fromEntries(verdicts.map(({ questions, credit }) => [questions[0], credit]));
    expect(hits).toEqual(expected.vlmevalkit.hits);
    expect(verdicts.map(({ rows }) => rows)).toEqual([2, 3, 4, 3, 4, 3, 2, 3]);
  });

  it("differ from those of the first rows, which stand beside them", async () => {
    const circular = await scored(await mmbench.load(data), fixture("answers.jsonl"));
    const vanilla = 100 * expected.vlmevalkit["first-rows"];
    expect(value(circular, "first-rows")).toBeCloseTo(vanilla, 10);
    expect(vanilla).not.toBe(circular.headline.value);
    const first = await mmbench.load(data, { rows: "first" });
    const lines = readFileSync(fixture("answers.jsonl"), "utf8").split("\n");
    const answers = lines
      .filter((line) => /"question_id": \d{1,6},/.test(line))
      .map((line) => JSON.parse(line));
    const scores = first.aggregate(
      first.judge(new Map(answers.map((one) => [String(one.question_id), one.text]))),
    );
    expect(scores.headline).toMatchObject({ name: "first-rows", count: 8 });
    expect(scores.headline.value).toBeCloseTo(vanilla, 10);
  });

  it("count an answer that is missing or matches nothing as wrong", async () => {
    const task = await mmbench.load(data);
    const answers = new Map([["241", "B"]]);
    expect(task.judge(answers)[0]).toMatchObject({ credit: 0, rowsRight: 1, isFirstRight: true });
    answers.set("1000241", "hard to say");
    expect(task.judge(answers)[0]).toMatchObject({ credit: 0, rowsRight: 1 });
    answers.set("1000241", "A");
    expect(task.judge(answers)[0]).toMatchObject({ credit: 1, rowsRight: 2 });
  });

  it("come out the same from the Excel file that LLaVA's converter writes", async () => {
    const task = await mmbench.load(data);
    const sheet = await scored(task, fixture("answers.xlsx"));
    expect(sheet).toEqual(await scored(task, fixture("answers.jsonl")));
  });
});
