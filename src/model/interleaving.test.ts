import { afterAll, describe, expect, it } from "vitest";
import { endlessModel } from "../../test/support/endless-model.js";
import { pruMergePlus } from "../reduce/index.js";
import { samplePath } from "./find-folder.js";

const model = await endlessModel();
afterAll(() => model.dispose());

const brief = { maxNewTokens: 12 };

describe("answers at the same time", () => {
  it("take turns by single steps, so that a short one does not wait for a long one", async () => {
    const seen = await model.see(samplePath("sample_5.png"), pruMergePlus({ tokens: 32 }));
    const order: string[] = [];
    const follow = async (name: string, maxNewTokens: number) => {
      // Above 2 the words are drawn at random: nothing ends an answer before its length.
      const answer = model.answer(seen, "Describe the image.", { maxNewTokens, temperature: 100, seed: 5 });
      for await (const _ of answer) order.push(name);
      order.push(`${name} ended`);
      return (await answer.result).tokenIds.length;
    };
    const long = follow("long", 200);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const [shortTokens, longTokens] = await Promise.all([follow("short", 8), long]);
    expect([shortTokens, longTokens]).toEqual([8, 200]);
    expect(order.at(-1)).toBe("long ended");
    const during = order.slice(order.indexOf("short"), order.indexOf("short ended"));
    // One step each: between two pieces of the short one there is about one of the long one.
    expect(during.filter((name) => name === "long").length).toBeLessThanOrEqual(2 * 8);
    expect(during).toContain("long");
  });

  it("say what they say alone, also about one picture whose prefix they copy from each other", async () => {
    const seen = await model.see(samplePath("sample_3.png"));
    const questions = [
      "Where is the bear?",
      "What is the word?",
      "What color is the triangle?",
      "How many diamonds are in the image?",
    ];
    const alone: string[] = [];
    for (const question of questions)
      alone.push((await model.answer(seen, question, { ...brief, reusePrefix: false }).result).text);
    const together = await Promise.all(
      questions
        .flatMap((question) => [question, question])
        .map((question) => model.answer(seen, question, brief).result),
    );
    expect(together.map(({ text }) => text)).toEqual(alone.flatMap((text) => [text, text]));
    expect(model.prefixMemory.prompts).toBeLessThanOrEqual(4);
  });

  it("end between steps when they are aborted, and leave the others alone", async () => {
    const seen = await model.see(samplePath("sample_3.png"));
    const expected = await model.answer(seen, "What is the word?", brief).result;
    const controllers = Array.from({ length: 6 }, () => new AbortController());
    const aborted = controllers.map(({ signal }) =>
      model.answer(seen, "Describe the image.", { signal, maxNewTokens: 1000 }),
    );
    const other = model.answer(seen, "What is the word?", brief);
    await new Promise((resolve) => setTimeout(resolve, 30));
    for (const controller of controllers) controller.abort();
    const results = await Promise.all(aborted.map(({ result }) => result));
    for (const { finishReason, tokenIds } of results) {
      expect(finishReason).toBe("aborted");
      expect(tokenIds.length).toBeLessThan(990); // and not the thousand that it asked for
    }
    expect((await other.result).text).toBe(expected.text);
    expect((await model.answer(seen, "What is the word?", brief).result).text).toBe(expected.text);
  });
});
