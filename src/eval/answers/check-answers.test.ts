import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scratchFolder } from "../../../test/support/short-answers.js";
import type { GivenAnswer, TaskQuestion } from "../task.js";
import { checkAnswers } from "./check-answers.js";
import { readAnswers } from "./given-answers.js";
import { asksFor } from "./prompt-match.js";

const question = (id: string): TaskQuestion => ({
  id,
  picture: undefined,
  text: `Is it number ${id}?\nAnswer shortly.`,
  maxNewTokens: 8,
  detail: undefined,
});
const task = { questions: ["01", "2", "3", "4", "5", "6", "7"].map(question) };
const answer = (id: string, line: number, prompt?: string): GivenAnswer => ({
  question: id,
  prompt,
  text: `answer ${id}`,
  file: "a.jsonl",
  line,
});
const all = task.questions.map(({ id, text }, index) => answer(id, index + 1, text));
const refusal = (given: readonly GivenAnswer[], allowMissing = false) => {
  try {
    checkAnswers(task, given, { allowMissing });
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

describe("answers", () => {
  it("that fit one to one are taken by question, untouched", () => {
    const { answers, missing } = checkAnswers(task, [...all].reverse());
    expect(Object.fromEntries(answers)).toMatchObject({ "01": "answer 01", "7": "answer 7" });
    expect([answers.size, missing]).toEqual([7, []]);
  });

  it("to unknown questions are named, up to five of them", () => {
    expect(refusal([...all, answer("1", 8)])).toContain("1 answers to unknown questions: 1 (a.jsonl:8)");
    const many = ["a", "b", "c", "d", "e", "f", "g"].map((id, index) => answer(id, index + 8));
    expect(refusal([...all, ...many])).toContain("e (a.jsonl:12) and 2 more");
    expect(refusal(many, true)).toMatch(
      /7 answers to unknown.*7 questions without an answer.*another task/is,
    );
  });

  it("given twice are named with both places, and missing ones by id", () => {
    expect(refusal([...all, answer("3", 8)])).toContain(
      "questions answered twice: 3 (a.jsonl:3 and a.jsonl:8)",
    );
    expect(refusal(all.slice(1))).toMatch(/1 questions without an answer: 01\. With --allow-missing/);
  });

  it("to a differently worded question are refused", () => {
    const wrong = [answer("01", 1, "Is it number 9?\nAnswer shortly."), ...all.slice(1)];
    expect(refusal(wrong)).toContain("1 answers to a differently worded question: 01 (a.jsonl:1)");
  });

  it("that are missing can be allowed, nothing else can", () => {
    expect(checkAnswers(task, all.slice(2), { allowMissing: true }).missing).toEqual(["01", "2"]);
    expect(refusal([...all.slice(2), answer("3", 8)], true)).toContain("twice");
    expect(refusal([], true)).toContain("7 questions without an answer");
  });

  it("are matched by prompt whatever stands around the question", () => {
    const text = "Is there a cat?\nAnswer shortly.";
    expect(asksFor(text, text)).toBe(true);
    expect(asksFor("USER: <image>\nis  there A cat? ASSISTANT:", text)).toBe(true);
    expect(asksFor("Is there a cat in the hat?", text)).toBe(false);
  });
});

describe("answers files", () => {
  const read = (content: string, name = "answers.jsonl") => {
    const file = join(scratchFolder(), name);
    writeFileSync(file, content);
    return readAnswers({}, [file]);
  };

  it("are read in three forms, as lines and as a list", async () => {
    const forms = [
      { question_id: "007", prompt: "Why?", text: " Yes\n" },
      { question_id: 7, answer: "Yes" },
      { questionId: "07", prediction: "Yes" },
    ];
    const expected = [
      { question: "007", prompt: "Why?", text: " Yes\n" },
      { question: "7", prompt: undefined, text: "Yes" },
      { question: "07", prompt: undefined, text: "Yes" },
    ];
    const lines = forms.map((form) => JSON.stringify(form)).join("\n");
    expect(await read(`${lines}\n\n`)).toMatchObject(expected);
    expect(await read(`\n\n${lines}`)).toMatchObject(expected.map((one, i) => ({ ...one, line: i + 3 })));
    expect(await read(`\ufeff${JSON.stringify(forms, null, 1)}`, "results.json")).toMatchObject(expected);
  });

  it("have no answer to a question that failed", async () => {
    const line = (id: number, text: string, metadata: unknown) =>
      JSON.stringify({ question_id: id, text, metadata });
    const lines = [
      line(1, "", { failure: "INVALID_IMAGE" }),
      line(2, "", { visual_tokens: 16 }),
      line(3, "no", null),
    ];
    expect((await read(lines.join("\n"))).map(({ question, text }) => [question, text])).toEqual([
      ["2", ""],
      ["3", "no"],
    ]);
  });

  it.each([
    [
      "a torn last line",
      '{"question_id": 1, "text": "a"}\n{"question_id": 2, "te',
      /answers\.jsonl:2: not valid JSON/,
    ],
    [
      "a line that is no object",
      '{"question_id": 1, "text": "a"}\n[1]',
      /answers\.jsonl:2: not a JSON object; found a list/,
    ],
    ["NaN", '{"question_id": 1, "text": NaN}', /answers\.jsonl:1: not valid JSON/],
    [
      "an answer that is no text",
      '{"question_id": 1, "text": 5}',
      /"text" is wrong; expected a text, found 5/,
    ],
    ["an id that is no id", '{"question_id": 1.5, "text": "a"}', /"question_id" is wrong/],
    [
      "an id beyond whole numbers",
      '{"question_id": 9007199254740993, "text": "a"}',
      /"question_id" is wrong/,
    ],
    [
      "no id",
      '{"question": "Why?", "answer": "a"}',
      /not an answer in a form that is known.*found question, answer/,
    ],
    [
      "a question file",
      '{"question_id": 1, "image": "a.jpg", "text": "Why?", "category": "default"}',
      /a line of a question file/,
    ],
    [
      "a truncated list",
      '[{"question_id": 1, "answer": "a"},\n{"question_id": 2',
      /answers\.jsonl:2: the file ends in the middle/,
    ],
    ["a list of numbers", '[{"question_id": 1, "answer": "a"}, 7]', /entries that are no objects/],
    ["text behind a list", '[{"question_id": 1, "answer": "a"}]\n]', /answers\.jsonl:2: not valid JSON/],
    [
      "bytes that are no UTF-8",
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString("latin1"),
      /form that is known/,
    ],
  ])("with %s are refused by file and line", async (_, content, message) => {
    await expect(read(content)).rejects.toMatchObject({
      code: "INVALID_FILE",
      message: expect.stringMatching(message),
    });
  });

  it("in another encoding are refused", async () => {
    const file = join(scratchFolder(), "latin.jsonl");
    writeFileSync(file, Buffer.from('{"question_id": 1, "text": "caf\u00e9"}', "latin1"));
    await expect(readAnswers({}, [file])).rejects.toThrow(/latin\.jsonl:1: not text in UTF-8/);
  });

  it("that are folders or not there are refused", async () => {
    const folder = scratchFolder();
    mkdirSync(join(folder, "sub"));
    await expect(readAnswers({}, [join(folder, "sub")])).rejects.toThrow(/expected a file, found a folder/);
    await expect(readAnswers({}, [join(folder, "none")])).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
