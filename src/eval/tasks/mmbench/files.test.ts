import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import { selectQuestions } from "../../run/select-questions.js";
import type { LoadedTask } from "../../task.js";
import { mmbench } from "./mmbench.js";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../test/fixtures/eval/mmbench/${name}`, import.meta.url));
const data = fixture("data");
const table = "mmbench_dev_20230712.tsv";

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
    [
      "no index column",
      (text) => text.replace("index\t", "number\t"),
      /tsv:2: a column is missing; expected a column index, found number, question,/,
    ],
    [
      "no question column",
      (text) => text.replace("\tquestion\t", "\tasked\t"),
      /tsv:2: a column is missing; expected a column question/,
    ],
    [
      "an empty letter",
      (text) => text.replace("\tB\tidentity", "\t\tidentity"),
      /tsv:2: the right answer is none of the options; expected A, B, C, D, found ""/,
    ],
    ["no rows", (text) => text.split("\n")[0], /a table without rows/],
    [
      "the later revision",
      (text) => text.replace("\tl2-category\t", "\tL2-category\t"),
      /is of the revision 20231003, not 20230712/,
    ],
  ])("are refused with file and line: %s", async (_, change, message) => {
    await expect(load(change(original))).rejects.toMatchObject({
      code: "INVALID_FILE",
      message: expect.stringMatching(message),
    });
  });

  it("may have VLMEvalKit's names, in either language, which are of the later revision", async () => {
    const later = original.replace("l2-category", "L2-category");
    const ids = (await mmbench.load(data)).questions.map(({ id }) => id);
    const english = await load(later, "MMBench_DEV_EN.tsv", { revision: "20231003" });
    expect(english.questions.map(({ id }) => id)).toEqual(ids);
    const abilities = english
      .judge(new Map())
      .flatMap(({ groups }) => groups.filter((name) => name.startsWith("ability/")));
    expect(new Set(abilities)).toContain("ability/attribute_reasoning");
    await expect(mmbench.load(folder)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringMatching(/MMBench_DEV_EN\.tsv \(--rule revision=20231003 --rule language=en\)/),
    });
    await expect(mmbench.load(folder, { language: "cn" })).rejects.toThrow(
      /expected mmbench_dev_cn_20231003\.tsv or MMBench_DEV_CN\.tsv,/,
    );
    await rm(join(folder, "MMBench_DEV_EN.tsv"));
    await expect(mmbench.load(folder)).rejects.toThrow(
      /expected mmbench_dev_en_20230712\.tsv or mmbench_dev_20230712\.tsv$/,
    );
    const chinese = await load(later, "MMBench_DEV_CN.tsv", { language: "cn" });
    expect(chinese.questions.map(({ id }) => id)).toEqual(ids);
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
