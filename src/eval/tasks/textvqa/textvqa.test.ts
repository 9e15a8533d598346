import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expectation, scratchFolder, shortAnswers } from "../../../../test/support/short-answers.js";
import { checkAnswers } from "../../answers/check-answers.js";
import { readAnswers } from "../../answers/given-answers.js";
import { roundHalfEven } from "../../scoring/round-half-even.js";
import type { GivenAnswer } from "../../task.js";
import { questionOfPrompt } from "./prompt.js";
import { textvqa } from "./textvqa.js";

const folder = join(shortAnswers, "textvqa");
const expected = expectation("textvqa/expected.json");
const suffix = "\nAnswer the question using a single word or phrase.";

async function scored(scorer: string) {
  const task = await textvqa.load(folder, { scorer });
  const given = await readAnswers(task, [join(folder, "answers.jsonl")]);
  const verdicts = task.judge(checkAnswers(task, given).answers);
  const perQuestion = Object.fromEntries(
    verdicts.map(({ questions, credit }) => [questions[0], Math.round(1e4 * credit) / 100]),
  );
  return { perQuestion, headline: task.aggregate(verdicts).headline };
}

describe("TextVQA's scores", () => {
  it("are those of LLaVA's program, joined by picture and question, in any order", async () => {
    const { perQuestion, headline } = await scored("m4c");
    expect(perQuestion).toEqual(expected.m4c.perQuestion);
    expect(perQuestion).toEqual(expected.lmms_eval.perQuestion);
    expect(roundHalfEven(headline.value, 2)).toBe(expected.m4c.accuracy);
    expect(headline.count).toBe(expected.m4c.samples);
  });

  it("by VLMEvalKit use its own normaliser", async () => {
    const { perQuestion } = await scored("vlmevalkit");
    expect(perQuestion).toEqual(expected.vlmevalkit.perQuestion);
    expect(perQuestion).not.toEqual(expected.m4c.perQuestion);
  });

  it("need ten answers of people", async () => {
    const scratch = scratchFolder("textvqa");
    const file = join(scratch, "TextVQA_0.5.1_val.json");
    const content = JSON.parse(readFileSync(file, "utf8"));
    content.data[2].answers.pop();
    writeFileSync(file, JSON.stringify(content));
    await expect(textvqa.load(scratch)).rejects.toThrow(/entry 3\): not ten answers; found 9/);
  });
});

describe("TextVQA's questions", () => {
  it("are LLaVA's, word for word, with the recognised words", async () => {
    const { questions } = await textvqa.load(folder);
    expect(questions[0]).toEqual({
      id: "34602",
      picture: { name: "003a8ae2ef43b901.jpg", path: join(folder, "train_images/003a8ae2ef43b901.jpg") },
      text: `What is the brand of this camera?\nReference OCR token: ${suffix}`,
      maxNewTokens: 128,
      detail: undefined,
    });
    expect(questions[1].text).toBe(
      `what does the sign say\nReference OCR token: DAKOTA, DIGITAL, Single-Use${suffix}`,
    );
  });

  it("are the same from Rosetta's words", async () => {
    const scratch = scratchFolder("textvqa");
    const theirs = (await textvqa.load(scratch)).questions.map(({ text }) => text);
    const lines = readFileSync(join(scratch, "llava_textvqa_val_v051_ocr.jsonl"), "utf8").trim().split("\n");
    rmSync(join(scratch, "llava_textvqa_val_v051_ocr.jsonl"));
    await expect(textvqa.load(scratch)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("ocr=false"),
    });
    // One picture has the words of its last question here; three questions of the fixture have their own.
    const data = lines.map((line) => {
      const { question_id, text } = JSON.parse(line);
      const words = /Reference OCR token: (.*)\n/.exec(text)![1];
      return { image_id: question_id, ocr_tokens: words === "" ? [] : words.split(", "), ocr_info: [] };
    });
    writeFileSync(join(scratch, "TextVQA_Rosetta_OCR_v0.2_val.json"), JSON.stringify({ data }));
    const ours = (await textvqa.load(scratch)).questions.map(({ text }) => text);
    expect(ours[2]).toBe(theirs[2]);
    expect(ours[0]).toBe(theirs[0].replace("token: ", "token: STOP"));
  });

  it("are refused where LLaVA's file has others, or shows them another picture", async () => {
    const scratch = scratchFolder("textvqa");
    const file = join(scratch, "llava_textvqa_val_v051_ocr.jsonl");
    const text = readFileSync(file, "utf8");
    const foreign = text.split("\n", 1)[0].replaceAll("003a8ae2ef43b901", "ffff8ae2ef43b901");
    writeFileSync(file, `${text.trimEnd()}\n${foreign}\n`);
    await expect(textvqa.load(scratch)).rejects.toThrow(
      /ocr\.jsonl:\d+: not a question of the official file; found ffff8ae2ef43b901, what is the brand/,
    );
    writeFileSync(file, text.replace("003a8ae2ef43b901.jpg", "ffff8ae2ef43b901.jpg"));
    await expect(textvqa.load(scratch)).rejects.toThrow(/ocr\.jsonl:1.*"image" is wrong; expected 003a/);
  });

  const changed = (name: string, edit: (text: string) => string) => {
    const scratch = scratchFolder("textvqa");
    writeFileSync(join(scratch, name), edit(readFileSync(join(scratch, name), "utf8")));
    return textvqa.load(scratch);
  };

  it.each([
    [
      "an id twice",
      "TextVQA_0.5.1_val.json",
      (text: string) => text.replace('"question_id": 34603', '"question_id": 34602'),
      /val\.json:1 \(entry 2\): a question that stands twice; found 34602/,
    ],
    [
      "a question twice about one picture",
      "TextVQA_0.5.1_val.json",
      (text: string) => text.replace('"what does the sign say"', '"what is the BRAND of this camera?"'),
      /entry 2\): a question that stands twice; found 34603/,
    ],
    [
      "an answer that is no text",
      "TextVQA_0.5.1_val.json",
      (text: string) => text.replace('"women\'s"', "7"),
      /val\.json:1.*"answers" is wrong; expected a list of texts, found 7/,
    ],
    [
      "a question that LLaVA does not ask",
      "TextVQA_0.5.1_val.json",
      (text: string) => text.replace("the brand of this", "the colour of this"),
      /val\.json:1: a question that is not in .*ocr\.jsonl; found 003a8ae2ef43b901, What is the colour/,
    ],
    [
      "LLaVA's line twice",
      "llava_textvqa_val_v051_ocr.jsonl",
      (text: string) => text.split("\n", 1)[0] + "\n" + text,
      /ocr\.jsonl:2: a question that stands twice; found what is the brand of this camera\?/,
    ],
    [
      "a line of LLaVA's without words",
      "llava_textvqa_val_v051_ocr.jsonl",
      (text: string) => text.replace("Reference OCR token: ", "OCR: "),
      /ocr\.jsonl:1: not a question with recognised words; expected three lines/,
    ],
    [
      "a line of LLaVA's with more lines",
      "llava_textvqa_val_v051_ocr.jsonl",
      (text: string) => text.replace("Reference OCR token: ", "\\nReference OCR token: "),
      /ocr\.jsonl:1: not a question with recognised words/,
    ],
  ])("are refused with file and line: %s", async (_, name, edit, message) => {
    await expect(changed(name, edit)).rejects.toMatchObject({
      code: "INVALID_FILE",
      message: expect.stringMatching(message),
    });
  });

  it("are refused where Rosetta has no words of a picture", async () => {
    const scratch = scratchFolder("textvqa");
    const ocr = { image_id: "003a8ae2ef43b901", ocr_tokens: ["STOP"] };
    writeFileSync(
      join(scratch, "TextVQA_Rosetta_OCR_v0.2_val.json"),
      JSON.stringify({ other: [ocr], data: [ocr] }),
    );
    await expect(textvqa.load(scratch, { prompt: "lmms_eval" })).rejects.toThrow(
      /val\.json:1.*no words of this picture in .*Rosetta_OCR_v0\.2_val\.json; found 003a8ae2/,
    );
    const broken = { ...ocr, ocr_tokens: ["STOP", 4] };
    writeFileSync(join(scratch, "TextVQA_Rosetta_OCR_v0.2_val.json"), JSON.stringify({ data: [broken] }));
    await expect(textvqa.load(scratch, { prompt: "lmms_eval" })).rejects.toThrow(
      /"ocr_tokens" is wrong; expected a list of texts, found 4/,
    );
  });

  it("as lmms-eval writes them have their words from Rosetta's file alone", async () => {
    await expect(textvqa.load(folder, { prompt: "lmms_eval" })).rejects.toThrow(
      /words are missing; expected TextVQA_Rosetta_OCR_v0\.2_val\.json\..*rule ocr=false/,
    );
  });

  it("are asked without them by rule, and as lmms-eval writes them", async () => {
    const { questions } = await textvqa.load(folder, { ocr: "false" });
    expect(questions[0].text).toBe(`What is the brand of this camera?${suffix}`);
    const lmms = await textvqa.load(folder, { ocr: "false", prompt: "lmms_eval" });
    const asLmms = expected.lmms_prompts.filter(({ ocr }: { ocr: boolean }) => !ocr);
    expect(lmms.questions.slice(0, 3).map(({ text }) => text)).toEqual(
      asLmms.slice(0, 3).map(({ text }: { text: string }) => text),
    );
  });

  it("are found in prompts as LLaVA's program finds them", () => {
    for (const { text, question } of expected.prompts) expect(questionOfPrompt(text)).toBe(question);
    expect(questionOfPrompt("a\nb\nc\nd")).toBeUndefined();
    expect(questionOfPrompt("What is THIS?")).toBe("what is this?");
  });

  it("are not told by a picture's id alone", async () => {
    const task = await textvqa.load(folder);
    const answer = (question: string, prompt?: string): GivenAnswer => ({
      question,
      prompt,
      text: "x",
      file: "f",
      line: 1,
    });
    expect(task.identify!(answer("003a8ae2ef43b901"))).toBeUndefined();
    expect(task.identify!(answer("003a8ae2ef43b901", `WHAT does the sign say${suffix}`))).toBe("34603");
    expect(task.identify!(answer("34604"))).toBe("34604");
    expect(task.identify!(answer("003a8ae2ef43b901", `Who?${suffix}`))).toBeUndefined();
  });
});
