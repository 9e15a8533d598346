import { afterAll, describe, expect, it } from "vitest";
import { noReduction, pruMergePlus, type Reducer } from "../reduce/index.js";
import type { VisualTokens } from "../see/visual-tokens.js";
import { samplePath } from "./find-folder.js";
import { loadModel } from "./load-model.js";

const model = await loadModel();
afterAll(() => model.dispose());

const long = "Tell me of everything in this picture, of its colors and shapes and where each of them is. ";

/** Bits of the logits of an answer. */
async function ask(seen: VisualTokens, question: string, pictures = true) {
  const { logits, reusedTokens, text } = await model.answer(seen, question, {
    maxNewTokens: 12,
    keepLogits: true,
    reusePrefix: pictures ? "pictures" : false,
  }).result;
  return { reusedTokens, text, bits: logits!.map((row) => Buffer.from(row.buffer).toString("base64")) };
}

describe("answers with a shared prefix of pictures", () => {
  const reducers: readonly Reducer[] = [
    pruMergePlus({ tokens: 5 }),
    pruMergePlus({ tokens: 64 }),
    noReduction(),
  ];

  it.each(reducers)("do not depend on what was asked before ($method $options.tokens)", async (reducer) => {
    const image = samplePath("sample_3.png");
    const first = await model.see(image, reducer);
    const fresh = await ask(first, "Where is the bear?");
    expect(fresh.reusedTokens).toBe(0);
    expect((await ask(first, "Where is the bear?")).bits).toEqual(fresh.bits);

    const second = await model.see(image, reducer);
    await ask(second, long);
    await ask(second, "Where is the train?");
    await ask(second, long.repeat(5));
    const later = await ask(second, "Where is the bear?");
    expect(later.reusedTokens).toBeGreaterThan(reducer.method === "none" ? 575 : 4);
    expect(later.bits).toEqual(fresh.bits);
  });

  it("say what the unshared ones say", async () => {
    const seen = await model.see(samplePath("sample_3.png"));
    const question = "Where is the bear?";
    expect((await ask(seen, question)).text).toBe((await ask(seen, question, false)).text);
  });

  it("share nothing without a picture", async () => {
    for (let time = 0; time < 2; time++) {
      const { result } = model.answer(null, "Hello?", { maxNewTokens: 2, reusePrefix: "pictures" });
      expect((await result).reusedTokens).toBe(0);
    }
  });
});
