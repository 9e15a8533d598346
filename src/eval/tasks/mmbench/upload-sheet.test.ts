import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import writeExcelFile from "write-excel-file/node";
import { checkAnswers } from "../../answers/check-answers.js";
import { readAnswers } from "../../answers/given-answers.js";
import type { LoadedTask } from "../../task.js";
import type { CircularVerdict } from "./judge.js";
import { mmbench } from "./mmbench.js";
import { readSheet } from "./read-sheet.js";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../test/fixtures/eval/mmbench/${name}`, import.meta.url));
const data = fixture("data");

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

  it("that are not there, are too large or empty are refused", async () => {
    const path = join(folder, "y.xlsx");
    await expect(readSheet(path)).rejects.toMatchObject({ code: "NOT_FOUND" });
    await writeFile(path, "");
    await truncate(path, 2 ** 25 + 1);
    await expect(readSheet(path)).rejects.toMatchObject({
      code: "LIMIT_EXCEEDED",
      message: expect.stringMatching(/y\.xlsx: .*at most 33554432 bytes, found 33554433/),
    });
    await writeExcelFile([[]] as never).toFile(path);
    await expect(readSheet(path)).rejects.toThrow(/y\.xlsx: an empty sheet/);
  });

  it("are no other files", async () => {
    const task = await mmbench.load(data);
    await writeFile(join(folder, "a.csv"), "index,prediction\n");
    expect(await task.readResults!(join(folder, "a.csv"))).toBeUndefined();
    const upper = join(folder, "A.XLSX");
    await copyFile(fixture("answers.xlsx"), upper);
    expect(await task.readResults!(upper)).toHaveLength(24);
  });

  it("may have other white space, but no empty cell for an option", async () => {
    const { answers } = await check(edit(3, 1, ' What does the\r\nsign say,  "stop" or "go"? '));
    expect(answers.size).toBe(24);
    await expect(check(edit(1, 2, null))).rejects.toThrow(
      /answers\.xlsx:2: not the option A of row 241 of the table; expected "oak", found null/,
    );
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
