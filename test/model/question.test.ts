import { cdPruner, compareReducers, type LoadedModel, loadModel, noReduction, pruMerge } from "prumerge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundledSamples } from "../support/bundled.js";

describe("methods that read the question", () => {
  let model: LoadedModel;
  beforeAll(async () => {
    model = await loadModel("pocket-llava", { worker: false, threads: 1 });
  });
  afterAll(() => model.dispose());
  const { path } = bundledSamples()[2]!;
  const reducer = cdPruner({ tokens: 24 });
  const [first, second] = ["Where is the bear?", "How many things are there?"];

  it("keep other patches for another question, the same for the same one", async () => {
    const one = await model.see(path, reducer, { question: first });
    const two = await model.see(path, reducer, { question: second });
    expect([one.question, two.question]).toEqual([first, second]);
    expect(one.embeddings.rows).toBe(24);
    expect([...two.plan.keptPatches]).not.toEqual([...one.plan.keptPatches]);
    const again = await model.see(path, reducer, { question: first });
    expect(again.plan).toEqual(one.plan);
  });

  it("are refused without one, before a picture is read", async () => {
    for (const question of [undefined, " ", "<image>"])
      await expect(
        model.see("nowhere.png", reducer, question === undefined ? {} : { question }),
      ).rejects.toThrow(
        expect.objectContaining({
          code: "INVALID_OPTION",
          message: expect.stringMatching(/^cdpruner: .*see\(picture, reducer, \{ question \}\)/),
        }),
      );
  });

  it("answer from no other question's rows, whatever is kept of earlier prompts", async () => {
    const alone = async (question: string) => {
      const seen = await model.see(path, reducer, { question });
      return (await model.answer(seen, question, { maxNewTokens: 8, reusePrefix: false }).result).text;
    };
    const expected = [await alone(first), await alone(second)];
    const texts: string[] = [];
    for (const question of [first, second, first, second]) {
      const seen = await model.see(path, reducer, { question });
      const { text, reusedTokens } = await model.answer(seen, question, { maxNewTokens: 8 }).result;
      expect(reusedTokens).toBeLessThan(24);
      texts.push(text);
    }
    expect(texts).toEqual([...expected, ...expected]);
  });

  it("leave a question alone that they do not read, and hand back its relevance where signals are asked for", async () => {
    const plain = await model.see(path, pruMerge({ tokens: 24 }), { question: first });
    expect(plain).not.toHaveProperty("question");
    const { signals } = await model.see(path, noReduction(), { question: first, signals: true });
    expect(signals![0]!.relevance).toHaveLength(576);
    const planned = reducer.plan(signals![0]!).keptPatches;
    const seen = await model.see(path, reducer, { question: first });
    expect([...planned]).toEqual([...seen.plan.keptPatches]);
  });

  it("are compared on the question that is asked", async () => {
    const answer = { maxNewTokens: 4 };
    const [unreduced, reduced] = await compareReducers(model, [path], first, [noReduction(), reducer], {
      answer,
    });
    expect(reduced!.seen[0]!.question).toBe(first);
    expect(unreduced!.seen[0]!).not.toHaveProperty("question");
    const written = { prompt: `USER: <image>\n${first} ASSISTANT:` };
    await expect(compareReducers(model, [path], written, [reducer], { answer })).rejects.toThrow(/question/);
    const named = { answer, see: { question: first } };
    expect((await compareReducers(model, [path], written, [reducer], named))[0]!.seen[0]!.question).toBe(
      first,
    );
  });

  it("see the pictures of a conversation anew", async () => {
    const seenFor = (question: string) => model.see(path, reducer, { question });
    const chat = model.chat(await seenFor(first), { maxNewTokens: 4 });
    await chat.ask(first).result;
    const [two, more] = [await seenFor(second), await model.see(path, pruMerge({ tokens: 8 }))];
    expect(() => chat.showAnew([])).toThrow(/a picture of the conversation is missing/);
    chat.showAnew([two, more]);
    const { text, visualTokens } = await chat.ask(second).result;
    expect(visualTokens).toBe(32);
    const alone = await model.answer([two, more], chat.messages.slice(0, -1), { maxNewTokens: 4 }).result;
    expect(text).toBe(alone.text);
    expect(() => chat.showAnew([two])).toThrow(/expected 2 or more, found 1/);
  });
});
