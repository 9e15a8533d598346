import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AnswerRecord, FailureRecord } from "../run/run-folder.js";
import { Journal } from "./journal.js";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "prumerge-journal-"));
  path = join(folder, "journal.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

function subject(number: number) {
  return {
    key: number.toString(16).padStart(64, "0"),
    task: "pope",
    configuration: "none",
    id: `${number}`,
    picture: null,
    worker: null,
  };
}

function answer(number: number, text = `answer \u2603 ${number}`): AnswerRecord {
  return {
    ...subject(number),
    kind: "answer",
    text,
    finishReason: "stop",
    visualTokens: 64,
    unreducedTokens: 576,
    promptTokens: 90,
    reusedTokens: 0,
    newTokens: 3,
    keyValueBytes: 100,
    kept: null,
    timings: { prepare: 1, encode: 2, prefill: 3, firstToken: 4, perToken: null, total: 5 },
    residentBytes: 6,
  };
}

const failure = (number: number): FailureRecord => ({
  ...subject(number),
  kind: "failure",
  code: "INVALID_IMAGE",
  message: "no",
});

async function write(...records: (AnswerRecord | FailureRecord)[]): Promise<boolean[]> {
  const journal = await Journal.open(path);
  const added = await Promise.all(records.map((record) => journal.append(record)));
  await journal.close();
  return added;
}

async function keys(): Promise<string[]> {
  const journal = await Journal.open(path);
  await journal.close();
  return [...journal.records.keys()].map((key) => String(Number.parseInt(key, 16)));
}

describe("a journal", () => {
  it("takes no answer twice, and an answer after a failure", async () => {
    expect(await write(answer(1), answer(1, "other"), failure(1))).toEqual([true, false, false]);
    expect(await write(failure(2), failure(2), answer(2), failure(2))).toEqual([true, false, true, false]);
    const journal = await Journal.open(path);
    expect([...journal.records.values()]).toEqual([
      { kind: "answer", text: "answer \u2603 1", visualTokens: 64 },
      { kind: "answer", text: "answer \u2603 2", visualTokens: 64 },
    ]);
    await journal.close();
    expect(readFileSync(path, "utf8").split("\n").length).toBe(5);
  });

  it("torn at any byte keeps every whole line, says what it mended, and goes on to the same content", async () => {
    await write(answer(1), failure(2));
    const whole = readFileSync(path);
    const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1);
    expect(ends).toHaveLength(3);
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      const kept = ends.filter((end) => end - 1 <= length).length; // a line without its break is whole
      const journal = await Journal.open(path);
      expect(journal.records.size).toBe(Math.max(0, kept - 1));
      const last = Math.max(0, ...ends.filter((end) => end <= length));
      const torn = length - last;
      const open = ends.includes(length + 1);
      expect(journal.repair).toEqual(
        torn === 0 ? undefined : { line: ends.indexOf(last) + 2, bytes: open ? 0 : torn },
      );
      for (const record of [answer(1), failure(2)]) await journal.append(record);
      await journal.close();
      expect(readFileSync(path).equals(whole)).toBe(true);
    }
  });

  it("torn in the middle of a character is mended too", async () => {
    await write(answer(1));
    const whole = readFileSync(path);
    const snowman = whole.indexOf(0xe2);
    writeFileSync(path, whole.subarray(0, snowman + 2));
    expect(await keys()).toEqual([]);
  });

  it("whose end is zeros, as a machine without power leaves it, is mended", async () => {
    await write(answer(1));
    appendFileSync(path, Buffer.alloc(512));
    expect(await keys()).toEqual(["1"]);
  });

  it("damaged before its end is refused with the line", async () => {
    await write(answer(1), answer(2));
    const lines = readFileSync(path, "utf8").split("\n");
    writeFileSync(path, [lines[0], lines[1]!.slice(0, 50), lines[2], ""].join("\n"));
    await expect(keys()).rejects.toMatchObject({
      code: "INVALID_FILE",
      details: { where: `${path}:2`, found: "not JSON" },
    });
    writeFileSync(path, [lines[0], lines[1]!.replace('"kind":"answer"', '"kind":"guess"'), ""].join("\n"));
    await expect(keys()).rejects.toThrow(/journal.jsonl:2.*none of its own/);
  });

  it("is not begun over a file that is something else", async () => {
    writeFileSync(path, '{"question_id": 1}\n');
    await expect(keys()).rejects.toThrow(/journal.jsonl:1/);
    expect(readFileSync(path, "utf8")).toBe('{"question_id": 1}\n');
  });

  it("says that its folder is not there", async () => {
    await expect(Journal.open(join(folder, "no", "journal.jsonl"))).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
  });
});
