import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scratchFolder, shortAnswers } from "../../../../test/support/short-answers.js";
import { readAnswers } from "../../answers/given-answers.js";
import { pope } from "./pope.js";

const folder = join(shortAnswers, "pope");
const results = () => readFileSync(join(folder, "results_random.json"), "utf8").trim().split("\n");

describe("answers in POPE's own form", () => {
  const read = async (name: string, edit: (lines: string[]) => string[]) => {
    const scratch = scratchFolder("pope");
    writeFileSync(join(scratch, name), edit(results()).join("\n"));
    const task = await pope.load(scratch);
    return readAnswers(task, [join(scratch, name)]);
  };

  it("are refused where the order does not pair them", async () => {
    const swap = ([first, second, ...rest]: string[]) => [second, first, ...rest];
    await expect(read("random.json", swap)).rejects.toThrow(/random\.json:1: the answer does not pair/);
    const shorter = (all: string[]) => all.slice(0, -1);
    await expect(read("random.json", shorter)).rejects.toThrow(/expected 42 \(random\), found 41/);
    const longer = (all: string[]) => [...all, all[0]];
    await expect(read("random.json", longer)).rejects.toThrow(/random\.json:43: more answers than questions/);
    const other = (all: string[]) => all.map((line) => line.replace("{", '{"image": "COCO_val2014_1.jpg", '));
    await expect(read("random.json", other)).rejects.toThrow(/about COCO_val2014_1\.jpg/);
  });

  it("may say the picture, have empty lines and the category in capitals", async () => {
    const { questions } = await pope.load(folder);
    const random = questions.filter(({ id }) => id.startsWith("1000"));
    const named = (all: string[]) =>
      all.flatMap((line, at) => [
        "",
        line.replace("{", `{"image": ${JSON.stringify(random[at].picture!.name)}, `),
      ]);
    const plain = await read("random.json", (all) => all);
    expect(plain).toHaveLength(42);
    const [first, file] = [JSON.parse(results()[0]), expect.stringMatching(/random\.json$/)];
    expect(plain[0]).toEqual({
      question: "10000001",
      prompt: first.question,
      text: first.answer,
      file,
      line: 1,
    });
    const withPictures = await read("pope_RANDOM.json", named);
    expect(withPictures.map(({ question, text }) => [question, text])).toEqual(
      plain.map(({ question, text }) => [question, text]),
    );
    expect(withPictures[0].line).toBe(2);
  });

  it("are told from other files by their first line", async () => {
    const task = await pope.load(folder);
    const own = (name: string, text: string) => {
      const path = join(scratchFolder(), name);
      writeFileSync(path, text);
      return task.readResults!(path);
    };
    const line = results()[0];
    for (const text of [
      ...["", "\n", "[]", "not JSON", "7\n", '{"question": "Is there a dog?"}', '{"answer": "No"}'],
      line.replace("{", '{"question_id": 1, '),
    ])
      expect(await own("random.json", text), text).toBeUndefined();
    await expect(own("random.json", line)).rejects.toThrow(/expected 42 \(random\), found 1/);
    await expect(own("random.json", `${line}\n{`)).rejects.toThrow(/random\.json:2: not valid JSON/);
    await expect(own("random.json", line.replace('"answer": ', '"answer": 7, "x": '))).rejects.toThrow(
      /random\.json:1.*"answer" is wrong; expected a text, found 7/,
    );
  });

  it("are refused without a category in the file's name, and under another one", async () => {
    await expect(read("mine.json", (all) => all)).rejects.toThrow(/does not tell the category/);
    await expect(read("random_popular.json", (all) => all)).rejects.toMatchObject({
      code: "INVALID_FILE",
      message: expect.stringMatching(/expected a name with one of random, popular, adversarial/),
    });
    await expect(read("popular.json", (all) => all)).rejects.toThrow(/popular\.json:1|expected 48/);
  });
});
