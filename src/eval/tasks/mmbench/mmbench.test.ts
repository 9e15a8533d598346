import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import writeExcelFile from "write-excel-file/node";
import { checkAnswers } from "../../answers/check-answers.js";
import { readAnswers } from "../../answers/given-answers.js";
import { selectQuestions } from "../../run/select-questions.js";
import type { LoadedTask, Scores } from "../../task.js";
import type { CircularVerdict } from "./judge.js";
import { mmbench } from "./mmbench.js";
import { readSheet } from "./read-sheet.js";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../test/fixtures/eval/mmbench/${name}`, import.meta.url));
const data = fixture("data");
const table = "mmbench_dev_20230712.tsv";

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

describe("MMBench's files", () => {
  let folder: string;
  let original: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mmbench-"));
    original = await readFile(join(data, table), "utf8");
    return () => rm(folder, { recursive: true });
  });
  const load = async (text: string, name = table, rules = {}) => {
    await writeFile(join(folder, name), text);
    return mmbench.load(folder, rules);
  };

  it("may have carriage returns, a byte order mark, and indices for pictures", async () => {
    const { questions } = await mmbench.load(data);
    const ids = questions.map(({ id }) => id);
    const other = await load(`\ufeff${original.replaceAll("\tdev\n", "\tdev\r\n")}`);
    expect(other.questions.map(({ id }) => id)).toEqual(ids);
    const short = await load(original.replace(/^(\d+)(241\t.*\t)bm90\S+/gm, "$1$2241"));
    expect(short.questions[1].picture).toBe(short.questions[0].picture);
    expect(short.questions[1].id).toBe("1000241");
  });

  it.each<[string, (text: string) => string, RegExp]>([
    ["a cut file", (text) => text.slice(0, -60), /20230712\.tsv:32: not a row.*expect 14, got/],
    ["a lost quote", (text) => text.replace('""go""?"', '""go""?'), /tsv:6: not a row/],
    [
      "no base row",
      (text) => text.replace(/^241\t.*\n/m, ""),
      /tsv:2: the rotation before this one is missing; expected a row with index 241/,
    ],
    [
      "a lost rotation",
      (text) => text.replace(/^1000301\t/m, "3000301\t"),
      /expected a row with index 2000301/,
    ],
    [
      "a lost rotation at a question's end",
      (text) => text.replace(/^2000310\t.*\n?/m, ""),
      /tsv:\d+: rotations of a question are missing; expected 3 rows for 3 options \(question 310\), found 2/,
    ],
    [
      "a lost rotation beside an option that stays",
      (text) => text.replace(/^2000271\t.*\n/m, ""),
      /expected 3 rows for 4 options \(question 271\), found 2/,
    ],
    [
      "no rotations",
      (text) => {
        const rows = text.split(/\n(?=\d+\t)/);
        return rows.filter((row) => !/^\d{7}\t/.test(row)).join("\n");
      },
      /expected 2 rows for 2 options \(question 241\), found 1/,
    ],
    [
      "an index twice",
      (text) => text.replace(/^1000301\t/m, "301\t"),
      /stands twice; found 301, as on line \d+/,
    ],
    [
      "an index in words",
      (text) => text.replace(/^301\t/m, "3o1\t"),
      /the index is no whole number; found "3o1"/,
    ],
    [
      "no picture",
      (text) => text.replace("bm90IGEgcmVhbCBwaWN0dXJlIDI0MQ==", ""),
      /tsv:2: the row has no picture/,
    ],
    [
      "a torn picture",
      (text) => text.replace("bm90IGEgcmVhbCBwaWN0dXJlIDI0MQ==", "bm90IGEgcm!"),
      /tsv:2: the row has no picture/,
    ],
    [
      "a wrong letter",
      (text) => text.replace("\tB\tidentity", "\tF\tidentity"),
      /tsv:2: the right answer is none of the options.*"F"/,
    ],
    [
      "no column",
      (text) => text.replace("\timage\t", "\tpicture\t"),
      /tsv:2: a column is missing; expected a column image/,
    ],
    [
      "a column twice",
      (text) => text.replace("\thint\t", "\tquestion\t"),
      /tsv:1: a column stands twice; found question/,
    ],
    ["no rows", (text) => text.split("\n")[0], /a table without rows/],
    [
      "the later revision",
      (text) => text.replace("\tl2-category\t", "\tL2-category\t"),
      /is of the revision 20231003, not 20230712/,
    ],
  ])("are refused with file and line: %s", async (_, change, message) => {
    await expect(load(change(original))).rejects.toThrow(message);
  });

  it("of either revision are told apart by their size, too", async () => {
    const [header, row] = original.split("\n");
    const cells = row.split("\t");
    // 1164 questions in 4329 rows: 837 of four rows, 327 of three.
    const rows = Array.from({ length: 1164 }, (_, group) =>
      Array.from({ length: group < 837 ? 4 : 3 }, (_, k) => k * 1_000_000 + group + 1),
    ).flat();
    const text = [header, ...rows.map((index) => [index, ...cells.slice(1)].join("\t"))].join("\n");
    expect(rows).toHaveLength(4329);
    await expect(load(text)).rejects.toThrow(
      /is of the revision 20231003.*found 4329 rows, 1164 questions.*--rule revision=20231003/,
    );
    await rm(join(folder, table));
    await expect(load(text, "mmbench_dev_20231003.tsv")).rejects.toThrow(
      /table is missing.*found mmbench_dev_20231003\.tsv \(--rule revision=20231003/,
    );
    const later = await load(text.replace("l2-category", "L2-category"), "mmbench_dev_20231003.tsv", {
      revision: "20231003",
    });
    expect(later.questions).toHaveLength(4329);
  });

  it("of an official number of questions have all of their rows, or are scored by their first ones", async () => {
    const [header, row] = original.split("\n");
    const cells = row.split("\t");
    const rows = Array.from({ length: 1176 }, (_, at) => [at + 1, ...cells.slice(1)].join("\t"));
    const text = [header, ...rows].join("\n");
    await expect(load(text)).rejects.toThrow(
      /rotations of questions are missing; expected 4377 rows for 1176 questions, found 1176/,
    );
    expect((await load(text, table, { rows: "first" })).questions).toHaveLength(1176);
  });

  it("in Chinese are asked in Chinese", async () => {
    const task = await load(original, "mmbench_dev_cn_20231003.tsv", { language: "cn" });
    const { cn } = JSON.parse(readFileSync(fixture("prompts.json"), "utf8"));
    expect(Object.fromEntries(task.questions.map(({ id, text }) => [id, `<image>\n${text}`]))).toEqual(cn);
  });

  it("without answers can be asked, not scored", async () => {
    const lines = original.replace("\tanswer\t", "\told\t");
    const task = await load(lines, "mmbench_test_20230712.tsv", { split: "test" });
    expect(task.questions).toHaveLength(24);
    expect(() => task.judge(new Map())).toThrow(/no public answers/);
    // A part of it holds whole questions, the same as of the labelled table.
    const part = (of: LoadedTask) => selectQuestions(of, { limit: 7, shard: null }).map(({ id }) => id);
    expect(part(task).map((id) => Number(id) % 1_000_000)).toEqual([241, 241, 301, 301]);
    expect(part(task)).toEqual(part(await mmbench.load(data)));
  });
});

describe("MMBench's sheets of answers", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mmbench-"));
    return () => rm(folder, { recursive: true });
  });
  type Cells = (string | number | boolean | null)[][];
  const check = async (change: (cells: Cells) => Cells, task?: LoadedTask<CircularVerdict>) => {
    const { columns, rows } = await readSheet(fixture("answers.xlsx"));
    const path = join(folder, "answers.xlsx");
    const cells = change([[...columns.keys()], ...(rows as Cells)].map((row) => [...row]));
    await writeExcelFile(cells).toFile(path);
    const loaded = task ?? (await mmbench.load(data));
    return checkAnswers(loaded, await readAnswers(loaded, [path]));
  };
  const edit = (row: number, column: number, value: Cells[0][0]) => (cells: Cells) => {
    cells[row][column] = value;
    return cells;
  };

  it("give the same answers when written by another program", async () => {
    const task = await mmbench.load(data);
    const ours = checkAnswers(task, await readAnswers(task, [fixture("answers.jsonl")]));
    expect((await check((cells) => cells)).answers).toEqual(ours.answers);
  });

  it("may have numbers and truth values for texts", async () => {
    expect((await check(edit(1, 6, 4))).answers.get("241")).toBe("4");
    expect((await check(edit(1, 6, true))).answers.get("241")).toBe("True");
  });

  it.each<[string, (cells: Cells) => Cells, RegExp]>([
    ["another question", edit(3, 1, "What?"), /answers\.xlsx:4: not the question of row 253.*found "What\?"/],
    [
      "another rotation",
      edit(3, 2, "go"),
      /answers\.xlsx:4: not the option A of row 253.*expected "stop", found "go"/,
    ],
    ["an unknown index", edit(3, 0, 999), /1 answers to unknown questions: 999 \(.*xlsx:4\)/],
    ["an index twice", edit(3, 0, 241), /not the question of row 241/],
    ["an empty prediction", edit(3, 6, null), /1 questions without an answer: 253/],
    [
      "no column",
      edit(0, 6, "answered"),
      /expected columns index and prediction; found|expected columns index and prediction, found/,
    ],
    ["a row less", (cells) => cells.slice(0, -1), /1 questions without an answer: 2000310/],
  ])("are refused: %s", async (_, change, message) => {
    await expect(check(change)).rejects.toThrow(message);
  });

  it("that are none, or unpack to too much, are refused", async () => {
    const path = join(folder, "x.xlsx");
    await writeFile(path, "index,prediction\n");
    await expect(readSheet(path)).rejects.toThrow(/x\.xlsx: not an Excel file/);
    const bytes = await readFile(fixture("answers.xlsx"));
    const entry = bytes.indexOf("PK\x01\x02", undefined, "latin1");
    bytes.writeUInt32LE(0x7fffffff, entry + 24);
    await writeFile(path, bytes);
    await expect(readSheet(path)).rejects.toThrow(
      /x\.xlsx: the sheet is too large; expected at most 268435456 bytes/,
    );
    await writeFile(path, bytes.subarray(0, 3000));
    await expect(readSheet(path)).rejects.toThrow(/not an Excel file/);
  });
});
