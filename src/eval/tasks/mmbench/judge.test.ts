import { describe, expect, it } from "vitest";
import { judgeQuestions, matchers, mmbenchScores } from "./judge.js";
import type { MmbenchRow } from "./row.js";

const row = (index: number, answer: string | undefined, change: Partial<MmbenchRow> = {}): MmbenchRow => ({
  ...{
    index,
    question: "Which?",
    hint: "",
    category: "ocr",
    ability: "perception",
    file: "mmbench.tsv",
    line: 2,
    answer,
  },
  options: new Map([
    ["A", "oak"],
    ["B", "cat"],
    ["C", ""],
    ["D", "nan"],
  ]),
  ...change,
});
const pictures = new Map([[5, { name: "5.jpg", bytes: new Uint8Array() }]]);
const judge = (rows: readonly MmbenchRow[], answers: Readonly<Record<string, string>>, of = pictures) =>
  judgeQuestions({ rows, pictures: of }, new Map(Object.entries(answers)), matchers.vlmevalkit);

describe("the verdict on a question", () => {
  it("is about all of its rows, and about its first one wherever that stands", () => {
    const rows = [row(1_000_005, "A"), row(5, "B"), row(6, "A")];
    const [first, second] = judge(
      rows,
      { 5: "B", 1000005: "B", 6: "A" },
      new Map([[1_000_005, pictures.get(5)!]]),
    );
    expect(first).toEqual({
      ...{ questions: ["1000005", "5"], credit: 0, groups: ["ability/perception", "category/ocr"] },
      ...{ cluster: "5.jpg", rows: 2, rowsRight: 1, isFirstRight: true },
    });
    expect(second).toMatchObject({ questions: ["6"], credit: 1, cluster: undefined, isFirstRight: true });
  });

  it("counts for no part that the table does not name", () => {
    expect(judge([row(5, "B", { ability: "" })], {})[0].groups).toEqual(["category/ocr"]);
    expect(judge([row(5, "B", { category: "" })], {})[0].groups).toEqual(["ability/perception"]);
    expect(judge([row(5, "B", { ability: "", category: "" })], {})[0].groups).toEqual([]);
  });

  it("takes no empty cell for an option", () => {
    expect(judge([row(5, "B")], { 5: "cat, not nan" })[0].credit).toBe(1);
  });

  it("needs a right answer, whether one was given or not", () => {
    const refused = expect.objectContaining({
      code: "NO_LABELS",
      message: expect.stringMatching(/^mmbench\.tsv:2: .*no public answers.*MMBench's server/),
    });
    for (const answers of [{}, { 5: "B" }] as const)
      expect(() => judge([row(5, undefined)], answers)).toThrow(refused);
  });
});

describe("the scores", () => {
  it("stand there once each, in percent, and are 0 of none", () => {
    const verdicts = judge([row(5, "B"), row(1_000_005, "A"), row(6, "A")], { 5: "B", 1000005: "B", 6: "A" });
    const { scores } = mmbenchScores(verdicts, "circular");
    expect(scores).toEqual([
      { name: "circular", value: 50, unit: "percent", count: 2 },
      { name: "first-rows", value: 100, unit: "percent", count: 2 },
      { name: "rows", value: expect.closeTo(200 / 3, 10), unit: "percent", count: 3 },
      { name: "ability/perception", value: 50, unit: "percent", count: 2 },
      { name: "category/ocr", value: 50, unit: "percent", count: 2 },
    ]);
    expect(mmbenchScores([], "circular").scores.map(({ value }) => value)).toEqual([0, 0, 0]);
  });
});
