import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { scienceqa } from "./scienceqa.js";

const data = fileURLToPath(new URL("../../../../test/fixtures/eval/scienceqa/data", import.meta.url));

describe("results in ScienceQA's own form", () => {
  const read = async (text: string) => {
    const folder = await mkdtemp(join(tmpdir(), "scienceqa-"));
    await writeFile(join(folder, "r.json"), text);
    const task = await scienceqa.load(data);
    return Promise.resolve(task.readResults!(join(folder, "r.json"))).finally(() =>
      rm(folder, { recursive: true }),
    );
  };
  const said = async (content: object) =>
    (await read(JSON.stringify(content)))!.map(({ question, text }) => [question, text]);

  it("are indices or texts, of which the texts count", async () => {
    expect(await said({ results: { 4: 0, 11: 25, 18: -1 } })).toEqual([
      ["4", "A"],
      ["11", "Z"],
      ["18", ""],
    ]);
    expect(await said({ results: { 4: 0 }, outputs: { 4: "B", 11: "the cat" } })).toEqual([
      ["4", "B"],
      ["11", "the cat"],
    ]);
    for (const index of [-2, 26, 0.5, "B", null])
      await expect(read(JSON.stringify({ results: { 4: index } }))).rejects.toMatchObject({
        code: "INVALID_FILE",
        message: expect.stringMatching(
          `problem 4 has no result; expected an index in results or a text in outputs, found ${JSON.stringify(index)}$`,
        ),
      });
  });

  it("of LLaVA's second file are right and wrong ones, without those that have no answer", async () => {
    const line = (question_id: string, question: string, pred: string) => ({ question_id, question, pred });
    const correct = [line("4", "Which?", "B")];
    const incorrect = [
      line("11", "Unknown", "FAILED"),
      line("18", "Which?", "FAILED"),
      line("25", "Unknown", "A"),
    ];
    expect(await said({ correct, incorrect })).toEqual([
      ["4", "B"],
      ["18", "FAILED"],
      ["25", "A"],
    ]);
  });

  it("are told from other files", async () => {
    expect(await read(`\n {"results": {"4": 1}}\n`)).toHaveLength(1);
    expect(await read('[{"results": {}}]')).toBeUndefined();
    expect(
      await read(' {"question_id": "4", "text": "B"}\n{"question_id": "11", "text": "A"}\n'),
    ).toBeUndefined();
    expect(await (await scienceqa.load(data)).readResults!(data)).toBeUndefined();
    expect(await (await scienceqa.load(data)).readResults!(join(data, "nowhere"))).toBeUndefined();
    for (const [text, found] of [
      ['{"acc": 1, "correct": []}', "acc, correct"],
      ["{}", "an empty object"],
    ])
      await expect(read(text)).rejects.toMatchObject({
        code: "INVALID_FILE",
        message: expect.stringMatching(`not a result of ScienceQA; expected "results".*, found ${found}$`),
      });
  });
});
