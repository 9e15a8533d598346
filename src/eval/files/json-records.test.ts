import { closeSync, ftruncateSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scratchFolder } from "../../../test/support/short-answers.js";
import { readDetails } from "./details.js";
import { pictureName } from "./find-file.js";
import { findJsonBreak } from "./json-break.js";
import { readJsonLines } from "./json-lines.js";
import type { JsonRecord } from "./json-record.js";
import { readJsonRecords } from "./json-records.js";
import { fileLimits } from "./limits.js";
import { readJson } from "./read-whole.js";
import { RecordScanner } from "./record-scanner.js";

const record = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 });

function scan(text: string, layout: "list" | "lists" | "entries", size: number) {
  const bytes = Buffer.from(text);
  const scanner = new RecordScanner("f.json", layout);
  const records: JsonRecord[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    // The reader overwrites its chunk, so must this test.
    const chunk = Buffer.from(bytes.subarray(at, at + size));
    records.push(...scanner.push(chunk));
    chunk.fill(0x22);
  }
  return { records, scanner };
}

async function collect(batches: AsyncGenerator<readonly JsonRecord[]>): Promise<JsonRecord[]> {
  const records: JsonRecord[] = [];
  for await (const batch of batches) records.push(...batch);
  return records;
}

describe("records of a JSON document", () => {
  it("are what JSON.parse finds, however the bytes arrive", () => {
    const document = fc.record({
      info: record,
      questions: fc.array(record),
      empty: fc.constant([]),
      'odd "key" {[': fc.array(record),
    });
    fc.assert(
      fc.property(
        document,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(0, 1),
        (content, size, indent) => {
          const { records, scanner } = scan(JSON.stringify(content, null, indent), "lists", size);
          const lists = Object.entries(content).filter(([name]) => name !== "info") as [string, unknown[]][];
          expect(records.map(({ key, value, entry }) => [key, value, entry])).toEqual(
            lists.flatMap(([name, list]) =>
              list.map((value, index) => [name, JSON.parse(JSON.stringify(value)), index + 1]),
            ),
          );
          expect(scanner.isOpen).toBe(false);
        },
      ),
    );
  });

  it("are found under keys and in lists too, with their lines", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), record), fc.integer({ min: 1, max: 40 }), (content, size) => {
        const { records } = scan(JSON.stringify(content), "entries", size);
        expect(records.map(({ key, value }) => [key, value])).toEqual(
          Object.entries(JSON.parse(JSON.stringify(content))),
        );
      }),
    );
    const { records } = scan('[\n{"a": 1},\n{"b":\n[{}]}\n]', "list", 3);
    expect(records.map(({ line, entry, value }) => [line, entry, value])).toEqual([
      [2, 1, { a: 1 }],
      [3, 2, { b: [{}] }],
    ]);
  });

  it("never come out of a file that is cut off anywhere", async () => {
    const text = '{"info": {"a": "]}"}, "data": [{"x": "\\"}"}, {"y": [1, {"z": 2}]}]}';
    const file = join(scratchFolder(), "cut.json");
    for (let length = 0; length < text.length; length++) {
      writeFileSync(file, text.slice(0, length));
      await expect(collect(readJsonRecords(file, "lists"))).rejects.toThrow(/cut\.json:1: the file ends in/);
    }
    writeFileSync(file, text);
    expect(await collect(readJsonRecords(file, "lists"))).toHaveLength(2);
  });

  it.each([
    ["list", '{"a": [{}]}', /not the layout|not an? /],
    ["lists", '[{"a": 1}]', /not the layout of this file; found a list/],
    ["entries", '{"a": {}, "a": {}}', /a key stands twice/],
    ["entries", '{"a": {}, "b": 1}', /its value is no object/],
    ["lists", '{"a": [{}]} x', /not valid JSON/],
    ["list", '[{"a": 1}},', /not valid JSON|ends in/],
  ] as const)("are refused in layout %s of %s", async (layout, text, message) => {
    const file = join(scratchFolder(), "odd.json");
    writeFileSync(file, text);
    await expect(collect(readJsonRecords(file, layout))).rejects.toThrow(message);
  });
});

describe("caps", () => {
  const sparse = (bytes: number) => {
    const file = join(scratchFolder(), "large.json");
    const handle = openSync(file, "w");
    ftruncateSync(handle, bytes);
    closeSync(handle);
    return file;
  };

  it("refuse a file by its size before reading it", async () => {
    const file = sparse(fileLimits.streamed + 1);
    await expect(collect(readJsonLines(file))).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
    await expect(readJson(sparse(fileLimits.whole + 1))).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  });

  it("refuse a line, a record and a frame that do not end", async () => {
    const file = join(scratchFolder(), "long.json");
    const long = (limit: number) => "x".repeat(limit + 2 ** 21);
    const message = { code: "LIMIT_EXCEEDED", message: expect.stringContaining("long.json:1") };
    writeFileSync(file, `[{"a": "${long(fileLimits.record)}"}]`);
    await expect(collect(readJsonLines(file))).rejects.toMatchObject(message);
    await expect(collect(readJsonRecords(file, "list"))).rejects.toMatchObject(message);
    writeFileSync(file, `["${long(fileLimits.frame)}"]`);
    await expect(collect(readJsonRecords(file, "list"))).rejects.toMatchObject(message);
  });
});

describe("where JSON breaks", () => {
  it("is nowhere in JSON, and at the end of what is cut off", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), fc.constantFrom(0, 1), (value, cut, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(findJsonBreak(text)).toBe(text.length);
        const beginning = text.slice(0, cut % (text.length + 1));
        const rest = beginning.slice(findJsonBreak(beginning));
        // Only an unfinished text, number or word may be left over.
        expect(rest).toMatch(/^("[\s\S]*|-|\.|[eE][+-]?|t|tr|tru|f|fa|fal|fals|n|nu|nul|)$/);
      }),
    );
  });

  it.each([
    ['{"a": }', 6],
    ['{"a" 1}', 5],
    ["{a: 1}", 1],
    ["[1,]", 3],
    ['{"a": 1,}', 8],
    ["[1 2]", 3],
    ["[1]]", 3],
    ["[01]", 2],
    ["[NaN]", 1],
    ["['a']", 1],
    ['["a\nb"]', 1],
    ['["\\x"]', 1],
    ["", 0],
  ])("is in %j at %i", (text, at) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(findJsonBreak(text)).toBe(at);
  });
});

describe("small files", () => {
  it("say on which line their JSON breaks", async () => {
    const file = join(scratchFolder(), "small.json");
    writeFileSync(file, '{\n"a": 1,\n"b": }\n');
    await expect(readJson(file)).rejects.toThrow(/small\.json:3: not valid JSON/);
    writeFileSync(file, '{\n"a": [1,\n');
    await expect(readJson(file)).rejects.toThrow(/small\.json:3: not valid JSON/);
  });

  it("of details tell what is small, and nothing without the file", async () => {
    const folder = scratchFolder();
    expect((await readDetails(folder))("1")).toBeUndefined();
    writeFileSync(join(folder, "details.json"), '{"small_things": [1, "02"]}');
    expect(["1", "02", "2"].map(await readDetails(folder))).toEqual([true, true, false]);
    writeFileSync(join(folder, "details.json"), "[]");
    await expect(readDetails(folder)).rejects.toThrow(/no list of ids/);
  });

  it("name pictures inside of their folder only", () => {
    const at: JsonRecord = { value: {}, key: undefined, file: "q.jsonl", line: 4, entry: 4 };
    expect(pictureName(at, "COCO_val2014_1.jpg")).toBe("COCO_val2014_1.jpg");
    for (const name of ["", "/etc/passwd", "../a.jpg", "a/../../b.jpg", "..\\b.jpg", "C:\\a.jpg", "a\0.jpg"])
      expect(() => pictureName(at, name)).toThrow(/q\.jsonl:4: a picture's name leaves its folder/);
  });
});
