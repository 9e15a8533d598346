import { readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import { checkAnswers } from "../../answers/check-answers.js";
import { readAnswers } from "../../answers/given-answers.js";
import type { LoadedTask } from "../../task.js";
import { mme } from "./mme.js";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../test/fixtures/eval/mme/${name}`, import.meta.url));
const data = fixture("data");

describe("MME's questions", () => {
  it("are LLaVA's, in LLaVA's order, also those with two spaces", async () => {
    const { questions } = await mme.load(data);
    const lines = readFileSync(fixture("data/llava_mme.jsonl"), "utf8").trim().split("\n");
    const theirs = lines.map((line) => JSON.parse(line));
    expect(questions.map(({ text }) => text)).toEqual(theirs.map(({ text }) => text));
    expect(questions.map(({ picture }) => picture!.name)).toEqual(theirs.map(({ image }) => image));
    expect(new Set(questions.map(({ id }) => id)).size).toBe(84);
    expect(questions.every(({ maxNewTokens }) => maxNewTokens === 128)).toBe(true);
  });

  it("are the same without LLaVA's file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "mme-"));
    await cp(data, folder, { recursive: true });
    await rm(join(folder, "llava_mme.jsonl"));
    await rm(join(folder, "MME_Benchmark_release_version"), { recursive: true });
    const built = await mme.load(folder);
    const texts = (questions: LoadedTask["questions"]) =>
      questions.map(({ id, text, picture }) => `${id} ${text} ${picture!.name}`).sort();
    expect(texts(built.questions)).toEqual(texts((await mme.load(data)).questions));
    expect(built.questions[0].id).toBe("existence/0001.png#1");
    await rm(folder, { recursive: true });
  });
});

describe("MME's files", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mme-"));
    await cp(data, join(folder, "data"), { recursive: true });
    await cp(fixture("results"), join(folder, "results"), { recursive: true });
    return () => rm(folder, { recursive: true });
  });

  const change = async (file: string, edit: (text: string) => string) => {
    const path = join(folder, file);
    await writeFile(path, edit(await readFile(path, "utf8")));
  };
  const release = "data/MME_Benchmark_release_version";

  it.each([
    [
      "one question",
      `${release}/count/0001.txt`,
      (text: string) => text.split("\n")[0],
      /0001\.txt:1.*two questions.*expected 2 lines, found 1/,
    ],
    [
      "no tab",
      `${release}/count/0001.txt`,
      (text: string) => text.replace("\t", " "),
      /0001\.txt:1.*expected 2 between tabs/,
    ],
    [
      "another answer",
      `${release}/count/0001.txt`,
      (text: string) => text.replace("\tYes", "\tMaybe"),
      /0001\.txt:1.*neither Yes nor No.*"Maybe"/,
    ],
    [
      "the same question",
      `${release}/count/0001.txt`,
      (text: string) => text.replace("second", "first"),
      /0001\.txt:2.*stands twice/,
    ],
    [
      "parted pairs",
      "data/eval_tool/Your_Results/OCR.txt",
      (text: string) => text.split("\n").slice(1).join("\n"),
      /OCR\.txt:2.*OCR\/0001\.png and OCR\/0002\.jpg/,
    ],
    [
      "another question in LLaVA's file",
      "data/llava_mme.jsonl",
      (text: string) => text.replace("OCR 1", "OCR 9"),
      /llava_mme\.jsonl:1.*not a question/,
    ],
    [
      "a question less in LLaVA's file",
      "data/llava_mme.jsonl",
      (text: string) => text.trim().split("\n").slice(0, -1).join("\n"),
      /llava_mme\.jsonl:83.*expected 84 questions/,
    ],
    [
      "a question twice in LLaVA's file",
      "data/llava_mme.jsonl",
      (text: string) => text.split("\n", 1)[0] + "\n" + text,
      /llava_mme\.jsonl:2: not a question of the benchmark, or for the second time; expected a question that is in it/,
    ],
    [
      "another wording in LLaVA's file",
      "data/llava_mme.jsonl",
      (text: string) => text.replace("single word or phrase.", "single word."),
      /llava_mme\.jsonl:1: not a question of the benchmark/,
    ],
    [
      "a torn line in LLaVA's file",
      "data/llava_mme.jsonl",
      (text: string) => text.slice(0, -9),
      /llava_mme\.jsonl:84.*not valid JSON/,
    ],
  ])("are refused with file and line: %s", async (_, file, edit, message) => {
    await change(file, edit);
    await expect(mme.load(join(folder, "data"))).rejects.toMatchObject({
      code: "INVALID_FILE",
      message: expect.stringMatching(message),
    });
  });

  it("are the evaluation tool's tables where a subtask's folder has pictures alone", async () => {
    const ids = async () => (await mme.load(join(folder, "data"))).questions.map(({ id }) => id);
    const before = await ids();
    for (const name of ["0001.png", "0002.jpg", "0003.jpg"]) {
      await rm(join(folder, release, `count/${name.slice(0, 4)}.txt`));
      await writeFile(join(folder, release, "count", name), "");
    }
    expect(await ids()).toEqual(before);
  });

  it("need a picture, or its name, for every pair", async () => {
    await rm(join(folder, release, "existence/0003.jpg"));
    expect((await mme.load(join(folder, "data"))).questions).toHaveLength(84);
    await rm(join(folder, "data/llava_mme.jsonl"));
    await expect(mme.load(join(folder, "data"))).rejects.toThrow(/existence\/0003\.txt: no picture belongs/);
    await expect(mme.load(folder)).rejects.toThrow(/no subtask of MME/);
  });

  it.each([
    [
      "a tab in an answer",
      (text: string) => text.replace("\tSnow", "\tSnow\tfalls"),
      /count\.txt:1.*expected 4 between tabs.*found 5.*tab in it/,
    ],
    [
      "a line break in an answer",
      (text: string) => text.replace("\tSnow", "\tSnow\nfalls"),
      /count\.txt:2.*found 1.*line break/,
    ],
    ["no answers", (text: string) => text.replace(/\t[^\t\n]*$/gm, ""), /count\.txt:1.*found 3/],
    [
      "another right answer",
      (text: string) =>
        text.replace("there?  Please answer yes or no.\tYes", "there?  Please answer yes or no.\tNo"),
      /count\.txt:3.*expected yes, as in .*0002\.txt:1/,
    ],
    [
      "another question",
      (text: string) => text.replace("of count 3", "of count 7"),
      /unknown questions: count\/0003\.txt ".*count 7.*count\.txt:5/,
    ],
    [
      "a line less",
      (text: string) => text.split("\n").slice(1).join("\n"),
      /1 questions without an answer: count\/0001\.png#1/,
    ],
    [
      "a line twice",
      (text: string) => text + text.split("\n")[0],
      /answered twice: count\/0001\.png#1 \(.*:1 and .*:7\)/,
    ],
  ])("of results are refused: %s", async (_, edit, message) => {
    await change("results/count.txt", edit);
    const task = await mme.load(join(folder, "data"));
    const check = async () => checkAnswers(task, await readAnswers(task, [join(folder, "results")]));
    await expect(check()).rejects.toThrow(message);
  });

  it("of results keep an answer's white space, and no other", async () => {
    const task = await mme.load(join(folder, "data"));
    const file = join(folder, "results/count.txt");
    const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
    const [picture, question, right] = lines[0].split("\t");
    await writeFile(
      file,
      [`${picture}\t${question} \t ${right}\t    Yes `, ...lines.slice(1), "", " "].join("\r\n"),
    );
    const [first] = (await task.readResults!(file))!;
    expect(first).toMatchObject({ question: "count/0001.png#1", text: "    Yes ", file, line: 1 });
    await writeFile(file, `${picture}\t${question}\t${right}\n`);
    await expect(task.readResults!(file)).rejects.toThrow(
      /count\.txt:1: another number of columns; expected 4 between tabs: picture, question, Yes or No, answer, found 3$/,
    );
    expect(await task.readResults!(join(folder, "data/llava_mme.jsonl"))).toBeUndefined();
    expect(await task.readResults!(join(folder, "nowhere"))).toBeUndefined();
  });

  it("of answers without prompts cannot be matched, unless they have our ids", async () => {
    const task = await mme.load(data);
    const path = join(folder, "answers.jsonl");
    await writeFile(path, '{"question_id": "count/0001.png", "text": "Yes"}\n');
    const check = async () => checkAnswers(task, await readAnswers(task, [path]));
    await expect(check()).rejects.toThrow(/answers\.jsonl:1: an answer to one of two questions/);
    const ours = task.questions.map(({ id }) => JSON.stringify({ question_id: id, text: "Yes" }));
    await writeFile(path, ours.join("\n"));
    expect((await check()).answers.size).toBe(84);
    await expect(readAnswers(task, [data])).rejects.toThrow(/no results of MME in this folder/);
  });
});
