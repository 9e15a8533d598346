import { describe, expect, it } from "vitest";
import { type Script, ToyEngine } from "../../test/support/toy-engine.js";
import { idOf, toyContext, toyPicture } from "../../test/support/toy-prompts.js";
import { startAnswer } from "./answer.js";
import type { AnswerOptions } from "./answer-options.js";

/** Says the words one after another, counted from the end of the prompt, then ends. */
function saying(...words: string[]): Script {
  const end = idOf("ASSISTANT:");
  return (fed) => {
    const said = fed.length - 1 - fed.lastIndexOf(end);
    return said < words.length ? idOf(words[said]!) : idOf("</s>");
  };
}

function ask(script: Script, options: AnswerOptions = {}, pictures = [toyPicture(3, 0.5)]) {
  const engine = new ToyEngine(script);
  const context = toyContext(engine);
  return { engine, context, answer: startAnswer(context, pictures, "what is it ?", options) };
}

async function collect(texts: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const text of texts) all.push(text);
  return all;
}

describe("an answer", () => {
  it("streams its text and tells what it took", async () => {
    const { engine, answer } = ask(saying("a", "cat"));
    expect((await collect(answer)).join("")).toBe("a cat");
    const result = await answer.result;
    expect(result).toMatchObject({
      text: "a cat",
      tokenIds: [idOf("a"), idOf("cat")],
      finishReason: "stop",
      promptTokens: 10,
      visualTokens: 3,
      reusedTokens: 0,
      keyValueBytes: 10 * 8,
      seed: undefined,
    });
    expect(result.timings.encode).toBe(2);
    expect(result.timings.total).toBeGreaterThanOrEqual(result.timings.firstToken);
    const prompt = ["<s>", "USER:", "what", "is", "it", "?", "ASSISTANT:"].map(idOf);
    expect(engine.runs[0]).toEqual([...prompt.slice(0, 2), 0.5, 0.5, 0.5, ...prompt.slice(2)]);
    expect(engine.runs.slice(1)).toEqual([[idOf("a")], [idOf("cat")]]);
  });

  it("runs to its end when only the result is waited for", async () => {
    expect((await ask(saying("yes")).answer.result).text).toBe("yes");
  });

  it("ends at the limit without computing one token too many", async () => {
    const { engine, answer } = ask(() => idOf("cat"), { maxNewTokens: 3 });
    expect(await answer.result).toMatchObject({ finishReason: "length", text: "cat cat cat" });
    expect(engine.runs.length).toBe(3);
  });

  it("ends before a stop string, wherever the tokens' borders fall", async () => {
    const { answer } = ask(saying("a", "cat", "stop", "dog"), { stop: ["t st"] });
    expect((await collect(answer)).join("")).toBe("a ca");
    expect(await answer.result).toMatchObject({ text: "a ca", finishReason: "stop" });
  });

  it("keeps the text that it has when it is aborted, between two steps", async () => {
    const controller = new AbortController();
    const { engine, answer } = ask(() => idOf("cat"), { signal: controller.signal });
    let text = "";
    for await (const piece of answer) {
      text += piece;
      if (text.length > 10) controller.abort();
    }
    const result = await answer.result;
    expect(result.finishReason).toBe("aborted");
    expect(result.text).toBe(text);
    const runs = engine.runs.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(engine.runs.length).toBe(runs);
  });

  it("says nothing where the signal had fired before", async () => {
    const { engine, answer } = ask(saying("yes"), { signal: AbortSignal.abort() });
    expect(await answer.result).toMatchObject({ text: "", tokenIds: [], finishReason: "aborted" });
    expect(engine.runs).toEqual([]);
  });

  it("is aborted by leaving the iteration", async () => {
    const { answer } = ask(() => idOf("cat"));
    for await (const _ of answer) break;
    expect((await answer.result).finishReason).toBe("aborted");
  });

  it("hands back the logits of every token", async () => {
    const { logits, tokenIds } = await ask(saying("a", "cat"), { keepLogits: true }).answer.result;
    expect(logits!.map((row) => row.indexOf(1))).toEqual(tokenIds);
  });

  it.each([
    ["a repetition penalty", { repetitionPenalty: 4 }, []],
    ["a temperature and its cuts", { temperature: 0.25, seed: 1, topK: 1, topP: 0.5 }, []],
    ["ids that are never generated", {}, [idOf("dog")]],
  ] as const)("hands logits back as the model gave them, before %s", async (_, sampling, suppressedIds) => {
    const engine = new ToyEngine(saying("what", "what", "dog"));
    const context = { ...toyContext(engine), suppressedIds };
    const options = { keepLogits: true, maxNewTokens: 3, ...sampling };
    const { logits, tokenIds } = await startAnswer(context, [toyPicture(3, 0.5)], "what is it ?", options)
      .result;
    expect(tokenIds).toHaveLength(3);
    const given = ["what", "what", "dog"].map((word) => {
      const row = new Float32Array(64);
      row[idOf(word)] = 1;
      return row;
    });
    expect(logits).toEqual(given);
  });

  it("tells the seed of a sampled answer, with which it repeats", async () => {
    const options = { temperature: 3, maxNewTokens: 12 };
    const first = await ask(saying("a"), options).answer.result;
    const again = await ask(saying("a"), { ...options, seed: first.seed! }).answer.result;
    expect(again.tokenIds).toEqual(first.tokenIds);
  });

  it("reuses a seen picture for the next question, with the same words", async () => {
    const picture = toyPicture(3, 0.5);
    const engine = new ToyEngine(saying("a", "cat"));
    const context = toyContext(engine);
    await startAnswer(context, [picture], "what is it ?", {}).result;
    const next = await startAnswer(context, [picture], "is it a dog ?", {}).result;
    const alone = await startAnswer(context, [picture], "is it a dog ?", { reusePrefix: false }).result;
    expect(next.reusedTokens).toBe(5);
    expect(alone.reusedTokens).toBe(0);
    expect(next.tokenIds).toEqual(alone.tokenIds);
  });
});

describe("rope that turns earlier keys by the length of the whole sequence", () => {
  /** How many tokens of a second question about a picture come from the first one's cache: prompt 10, answer 4 at most. */
  async function reused(rope: object, reusePrefix: true | "pictures" = true) {
    const engine = new ToyEngine(saying("a", "cat"));
    const whole = toyContext(engine);
    const context = { ...whole, language: { ...whole.language, rope } } as typeof whole;
    const picture = toyPicture(3, 0.5);
    const options = { maxNewTokens: 4, reusePrefix };
    await startAnswer(context, [picture], "what is it ?", options).result;
    const next = await startAnswer(context, [picture], "what is it a", options).result;
    expect(next.tokenIds).toEqual([idOf("a"), idOf("cat")]);
    return next.reusedTokens;
  }
  const dynamic = (originalContext: number) => ({ kind: "dynamic", theta: 1, factor: 2, originalContext });

  it("shares prefixes as long as prompt and answer stay within the trained context", async () => {
    expect(await reused(dynamic(14))).toBe(8);
    expect(await reused(dynamic(14), "pictures")).toBe(5);
  });

  it("shares none beyond it", async () => {
    expect(await reused(dynamic(13))).toBe(0);
    expect(await reused(dynamic(13), "pictures")).toBe(0);
  });

  it.each(["default", "linear", "llama3", "yarn"])("concerns dynamic rope alone, not %s", async (kind) => {
    expect(await reused({ kind, theta: 1, factor: 2, originalContext: 13 })).toBe(8);
  });
});

describe("refusals before any work", () => {
  const refused = async (options: AnswerOptions, code: string, pictures = [toyPicture(3, 0.5)]) => {
    const { engine, answer } = ask(saying("yes"), options, pictures);
    await expect(collect(answer)).rejects.toMatchObject({ code });
    await expect(answer.result).rejects.toMatchObject({ code });
    expect(engine.runs).toEqual([]);
    expect(engine.caches.size).toBe(0);
  };

  it("refuses what does not fit the context, with the numbers", async () => {
    await refused({ maxNewTokens: 91 }, "CONTEXT_EXCEEDED");
    await refused({}, "CONTEXT_EXCEEDED", [toyPicture(93, 0.5)]);
    const { answer } = ask(saying("yes"), { maxNewTokens: 91 });
    await expect(answer.result).rejects.toThrow(
      /at most 100 tokens, found 10 of the prompt and 91 of the answer.*at most 90/,
    );
    expect((await ask(saying("yes"), { maxNewTokens: 90 }).answer.result).text).toBe("yes");
  });

  it("refuses options out of range", async () => {
    await refused({ maxNewTokens: 0 }, "INVALID_OPTION");
    await refused({ temperature: -1 }, "INVALID_OPTION");
    await refused({ stop: [""] }, "INVALID_OPTION");
  });

  it("refuses another number of pictures than the prompt has places", async () => {
    const context = toyContext(new ToyEngine(saying("yes")));
    const [a, b] = [toyPicture(1, 0.1), toyPicture(1, 0.2)];
    const two = { prompt: "USER: <image> <image> what ASSISTANT:" };
    await expect(startAnswer(context, [a], two, {}).result).rejects.toMatchObject({ code: "INVALID_OPTION" });
    const places = "<image> <image> what";
    await expect(startAnswer(context, [a], places, {}).result).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
    // Without a picture the text is text: here a word that the tokenizer does not know.
    const { promptTokens } = await startAnswer(context, [], "what <image>", {}).result;
    expect(promptTokens).toBe(5);
    expect((await startAnswer(context, [a, b], two, {}).result).text).toBe("yes");
  });

  it("leaves nothing behind when a run fails", async () => {
    const { engine, answer } = ask(() => {
      throw new Error("no power");
    });
    await expect(answer.result).rejects.toThrow("no power");
    expect(engine.caches.size).toBe(0);
  });
});
