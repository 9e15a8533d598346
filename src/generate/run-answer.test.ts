import { describe, expect, it } from "vitest";
import { ToyEngine } from "../../test/support/toy-engine.js";
import { idOf, toyContext, toyPicture } from "../../test/support/toy-prompts.js";
import { startAnswer } from "./answer.js";
import type { AnswerOptions } from "./answer-options.js";
import { generate } from "./generate.js";
import { createSampler, samplingSettings } from "./sampling.js";

const picture = toyPicture(3, 0.5);
/** Rows of the prompt through the picture, and after it. */
const head = [idOf("<s>"), idOf("USER:"), 0.5, 0.5, 0.5];
const tail = ["what", "is", "it", "?", "ASSISTANT:"].map(idOf);

/** Says one word for ever, half as likely another, and takes five milliseconds a run by its own word. */
class Talker extends ToyEngine {
  constructor(
    private readonly word: string,
    private readonly second = "dog",
  ) {
    super(() => idOf(word));
  }

  override async forward(...words: Parameters<ToyEngine["forward"]>) {
    const { logits } = await super.forward(...words);
    logits[idOf(this.second)] = 0.5;
    logits[idOf(this.word)] = 1;
    return { logits, milliseconds: 5 };
  }
}

const ask = (engine: ToyEngine, options: AnswerOptions = {}, context = toyContext(engine)) =>
  startAnswer(context, [picture], "what is it ?", { maxNewTokens: 3, ...options });

describe("the repetition penalty", () => {
  it("falls on every word of the prompt, and on the image token", async () => {
    const first = async (word: string) =>
      (await ask(new Talker(word), { repetitionPenalty: 4, maxNewTokens: 1 }).result).tokenIds;
    expect(await first("cat")).toEqual([idOf("cat")]);
    expect(await first("it")).toEqual([idOf("dog")]);
    expect(await first("<image>")).toEqual([idOf("dog")]);
  });
});

describe("a prompt whose pictures are to be shared", () => {
  it("runs them and the rest apart, from a cache of the same room every time", async () => {
    const engine = new Talker("cat");
    const context = toyContext(engine);
    const first = await ask(engine, { reusePrefix: "pictures" }, context).result;
    expect(engine.runs.slice(0, 2)).toEqual([head, tail]);
    expect([first.reusedTokens, first.timings.prefill]).toEqual([0, 10]);
    // The cache that was filled first is a copy's now: the first of two that were made is gone.
    expect([...engine.caches.keys()]).toEqual([1]);
    const runs = engine.runs.length;
    const second = await ask(engine, { reusePrefix: "pictures" }, context).result;
    expect(engine.runs[runs]).toEqual(tail);
    expect([second.reusedTokens, second.timings.prefill]).toEqual([5, 5]);
    expect([...engine.caches.keys()]).toEqual([1]);
  });

  it("is run whole without a picture", async () => {
    const engine = new Talker("cat");
    await startAnswer(toyContext(engine), [], "what is it ?", { maxNewTokens: 1, reusePrefix: "pictures" })
      .result;
    expect(engine.runs).toEqual([[...head.slice(0, 2), ...tail]]);
  });
});

describe("what an answer leaves for the next", () => {
  it("is the prompt and what was fed back of its words, not the last one", async () => {
    const engine = new Talker("cat");
    const context = toyContext(engine);
    await ask(engine, {}, context).result; // cat cat cat, the last of which was never fed
    const longer = { prompt: "USER: <image> what is it ? ASSISTANT: cat cat cat dog" };
    const next = await startAnswer(context, [picture], longer, { maxNewTokens: 1 }).result;
    expect(next.reusedTokens).toBe(12);
    expect(engine.runs.at(-1)).toEqual([idOf("cat"), idOf("dog")]);
    const [held] = engine.caches.values();
    expect(held).toEqual([...head, ...tail, ...["cat", "cat", "cat", "dog"].map(idOf)]);
  });

  it("is there as soon as the prompt is run, for those who ask meanwhile", async () => {
    const engine = new Talker("cat");
    const context = toyContext(engine);
    const long = ask(engine, { maxNewTokens: 40 }, context);
    for await (const text of long) {
      if (text === "") continue;
      const meanwhile = await ask(engine, { maxNewTokens: 1 }, context).result;
      expect(meanwhile.reusedTokens).toBe(9); // all but the last word
      break;
    }
    await long.result;
  });

  it("is nothing of logits where none are asked for", async () => {
    expect(await ask(new Talker("cat")).result).not.toHaveProperty("logits");
  });
});

describe("a picture whose rows have places of their own", () => {
  const placed = { ...picture, place: { at: Int32Array.of(7, 0, 7), advance: 20 } };
  const answer = (context: ReturnType<typeof toyContext>, options: AnswerOptions = {}) =>
    startAnswer(context, [placed], "what is it ?", { maxNewTokens: 3, ...options }).result;
  const before = [0, 1, 9, 2, 9];
  const after = [22, 23, 24, 25, 26];

  it("stands there, and the text and the answer go on behind it", async () => {
    const engine = new Talker("cat");
    await answer(toyContext(engine));
    expect(engine.positions).toEqual([[...before, ...after], [27], [28]]);
  });

  it.each([
    true,
    "pictures",
  ] as const)("does so on top of a kept prefix, reusePrefix %s", async (reusePrefix) => {
    const engine = new Talker("cat");
    const context = toyContext(engine);
    await answer(context, { reusePrefix });
    const runs = engine.positions.length;
    await answer(context, { reusePrefix });
    const again = reusePrefix === true ? [26] : after;
    expect(engine.positions.slice(0, runs)).toEqual(
      reusePrefix === true ? [[...before, ...after], [27], [28]] : [before, after, [27], [28]],
    );
    expect(engine.positions.slice(runs)).toEqual([again, [27], [28]]);
  });

  it("shares no prefix with the same picture elsewhere", async () => {
    const engine = new Talker("cat");
    const context = toyContext(engine);
    await answer(context);
    const other = await startAnswer(context, [picture], "what is it ?", { maxNewTokens: 1 }).result;
    expect(other.reusedTokens).toBe(0);
    expect(engine.positions.at(-1)).toEqual(Array.from({ length: 10 }, (_, at) => at));
  });

  it("is drawn together where the context has fewer positions, its rows in their order and evenly spread", async () => {
    const engine = new Talker("cat");
    expect(await answer(toyContext(engine, 30))).not.toHaveProperty("missingPositions");
    expect(engine.positions[0]).toEqual([...before, ...after]);
    for (const [context, missing, positions] of [
      [29, 1, [0, 1, 9, 2, 9, 21, 22, 23, 24, 25]], // there is room for where its rows stand
      [15, 15, [0, 1, 3, 2, 5, 7, 8, 9, 10, 11]],
      [13, 17, [0, 1, 3, 2, 4, 5, 6, 7, 8, 9]],
    ] as const) {
      const engine = new Talker("cat");
      const { missingPositions, tokenIds } = await answer(toyContext(engine, context));
      expect([missingPositions, engine.positions[0], tokenIds.length]).toEqual([missing, positions, 3]);
      expect(Math.max(...(engine.positions.flat() as number[]))).toBe(context - 2); // the last token is never fed back
    }
    await expect(answer(toyContext(engine, 12))).rejects.toMatchObject({
      code: "CONTEXT_EXCEEDED",
      message: expect.stringMatching(/at most 12 tokens, found 10 of the prompt and 3 of the answer/),
    });
  });

  it("is left where it is by an answer that nobody wants longer", async () => {
    const engine = new Talker("cat");
    const { missingPositions, tokenIds } = await startAnswer(
      toyContext(engine, 28),
      [placed],
      "what is it ?",
      {},
    ).result;
    expect([missingPositions, tokenIds.length]).toEqual([undefined, 1]);
  });

  it("is drawn together with another one, each in proportion, and shares a prefix only where it stands so again", async () => {
    const engine = new Talker("cat");
    const context = toyContext(engine, 30);
    const far = { ...picture, place: { at: Int32Array.of(0, 1, 2), advance: 12 } };
    const two = async (question: string) =>
      startAnswer(context, [placed, far], question, { maxNewTokens: 3 }).result;
    const first = await two("what is it ?");
    // 39 of the prompt and 3 of the answer: 17 and 9 beyond one for each row become 9 and 4.
    expect(engine.positions[0]).toEqual([0, 1, 9, 2, 9, 14, 15, 16, 21, 22, 23, 24, 25]);
    expect(first.missingPositions).toBe(13);
    expect((await two("what is it ?")).reusedTokens).toBe(12);
    expect((await two("what is it ? it")).reusedTokens).toBe(0);
    expect(await startAnswer(context, [placed], "what is it ?", { maxNewTokens: 3 }).result).toMatchObject({
      reusedTokens: 0,
    });
    expect(context.prefixes.memory.prompts).toBe(3);
    await context.prefixes.forget([placed]);
    expect(context.prefixes.memory.prompts).toBe(0);
  });

  it("keeps its plane, smaller, where positions have three coordinates", async () => {
    const engine = new Talker("cat");
    const [rows, columns] = [Int32Array.of(0, 10, 19), Int32Array.of(5, 0, 19)];
    const plane = { ...picture, place: { at: new Int32Array(3), rows, columns, advance: 20 } };
    const { missingPositions } = await startAnswer(toyContext(engine, 20), [plane], "what is it ?", {
      maxNewTokens: 3,
    }).result;
    // 20 less the 10 that the prompt and the answer have too many.
    expect(missingPositions).toBe(10);
    expect(engine.positions[0]!.slice(2, 6)).toEqual([[2, 2, 4], [2, 7, 2], [2, 11, 11], 12]);
    const full = startAnswer(toyContext(engine, 12), [plane], "what is it ?", { maxNewTokens: 3 }).result;
    await expect(full).rejects.toMatchObject({ code: "CONTEXT_EXCEEDED" });
  });

  it("brings what its rows weigh wherever it is run", async () => {
    const biased = { ...placed, bias: Float32Array.of(0, 1, 2) };
    for (const reusePrefix of [true, false, "pictures"] as const) {
      const engine = new Talker("cat");
      const options = { maxNewTokens: 1, reusePrefix };
      await startAnswer(toyContext(engine), [biased], "what is it ?", options).result;
      expect(engine.biases.flat().slice(0, 5)).toEqual([0, 0, 0, 1, 2]);
    }
  });

  it("is held against the context by its positions: keys beyond it are not kept", async () => {
    const engine = new Talker("cat");
    for (const [originalContext, reused] of [
      [30, 9],
      [29, 0],
    ]) {
      const context = toyContext(engine);
      const rope = { kind: "dynamic", theta: 1, factor: 2, originalContext } as never;
      const dynamic = { ...context, language: { ...context.language, rope } };
      await answer(dynamic);
      expect((await answer(dynamic)).reusedTokens).toBe(reused);
    }
  });

  it("is refused where its places are of other rows", async () => {
    for (const place of [{ ...placed.place, at: Int32Array.of(1, 2) }, { at: placed.place.at }, {}]) {
      const seen = { ...picture, place } as never;
      const { result } = startAnswer(toyContext(new Talker("cat")), [seen], "what ?", {});
      await expect(result).rejects.toMatchObject({
        code: "INVALID_OPTION",
        details: { where: "seen.place" },
      });
    }
  });
});

describe("times", () => {
  it("are of the answer alone; per token where there are two or more", async () => {
    const before = performance.now();
    const { timings } = await ask(new Talker("cat")).result;
    const whole = performance.now() - before;
    expect(timings.total).toBeLessThanOrEqual(whole);
    expect(timings.firstToken).toBeLessThanOrEqual(timings.total);
    expect(timings.perToken! * 2).toBeLessThanOrEqual(timings.total);
    expect(timings.perToken).toBeGreaterThan(0);
    expect(timings.prefill).toBe(5);
    const one = await ask(new Talker("cat"), { maxNewTokens: 1 }).result;
    expect(one.timings.perToken).toBeUndefined();
    const two = await ask(new Talker("cat"), { maxNewTokens: 2 }).result;
    expect(two.timings.perToken).toBeGreaterThan(0);
  });

  it("of seeing are the sums over the pictures", async () => {
    const waited = (milliseconds: number) => ({
      ...picture,
      statistics: { ...picture.statistics, waitMilliseconds: milliseconds },
    });
    const pictures = [waited(3), picture, waited(4)]; // the second does not tell
    const { timings } = await startAnswer(toyContext(new Talker("cat")), pictures, "what ?", {
      maxNewTokens: 1,
    }).result;
    expect([timings.encode, timings.encodeWait]).toEqual([6, 7]);
  });
});

describe("an answer whose end holds back what may become a stop string", () => {
  it("hands it out after all, and not what a stop string cut off", async () => {
    expect((await ask(new Talker("cat"), { stop: ["cat cat cat cat"] }).result).text).toBe("cat cat cat");
    expect((await ask(new Talker("cat"), { stop: ["t c"] }).result).text).toBe("ca");
  });
});

describe("generation", () => {
  const start = (engine: ToyEngine, signal: AbortSignal, onToken: (id: number) => boolean = () => false) =>
    generate({
      engine,
      cache: 0,
      rows: [1, 2],
      sampler: createSampler(samplingSettings({}), []),
      endIds: new Set([idOf("</s>")]),
      maxNewTokens: 5,
      signal,
      onToken,
    });

  it("counts what the cache holds, with the words of a signal that fires between two steps", async () => {
    const engine = new Talker("cat");
    await engine.createCache();
    const controller = new AbortController();
    let told = 0;
    const run = await start(engine, controller.signal, () => {
      if (++told === 2) controller.abort();
      return false;
    });
    expect(run).toMatchObject({ prefilled: true, finishReason: "aborted", cachedIds: 1 });
    expect(run.ids).toEqual([idOf("cat"), idOf("cat")]);
    expect(engine.caches.get(0)).toEqual([1, 2, idOf("cat")]);
    expect(run.decodeMilliseconds).toBeLessThan(10_000);
  });

  it("computes nothing for a signal that fired before, and nothing more for one that fires in the prefill", async () => {
    const engine = new Talker("cat");
    await engine.createCache();
    const none = await start(engine, AbortSignal.abort());
    expect(none).toMatchObject({ prefilled: false, finishReason: "aborted", ids: [], cachedIds: 0 });
    expect(engine.runs).toEqual([]);
    const controller = new AbortController();
    const running = start(engine, controller.signal);
    await Promise.resolve();
    controller.abort();
    expect(await running).toMatchObject({ prefilled: true, finishReason: "aborted", ids: [] });
    expect(engine.runs).toEqual([[1, 2]]);
  });

  it("takes another failure for what it is, whatever the signal", async () => {
    const engine = new Talker("cat");
    const controller = new AbortController();
    const running = start(engine, controller.signal); // there is no cache 0
    controller.abort();
    await expect(running).rejects.toThrow(/no cache 0/);
  });
});
