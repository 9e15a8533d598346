import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type AnswerResult,
  type LoadedModel,
  loadModel,
  noReduction,
  pruMerge,
  pruMergePlus,
  type Reducer,
  type Signals,
  uniformSampling,
} from "prumerge";
import { convert } from "prumerge/convert";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { squarePixels } from "../support/square-pixels.js";

const sample = (n: number) =>
  fileURLToPath(new URL(`../../models/pocket-llava/samples/sample_${n}.png`, import.meta.url));
const checkpoint = fileURLToPath(new URL("../../models/pocket-llava/checkpoint", import.meta.url));
const furthest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

let model: LoadedModel;
beforeAll(async () => {
  model = await loadModel();
});
afterAll(() => model.dispose());

/** The same tokens, and logits that differ by no more than the order of sums does. */
function expectSame(found: AnswerResult, expected: AnswerResult): void {
  expect(found.tokenIds).toEqual(expected.tokenIds);
  expect(found.logits!.length).toBe(expected.logits!.length);
  for (const [i, row] of found.logits!.entries())
    expect(furthest(row, expected.logits![i]!)).toBeLessThan(1e-3);
}

describe("reusing keys and values", () => {
  const options = { keepLogits: true };
  const folder = mkdtempSync(join(tmpdir(), "prumerge-model-"));
  // 8-bit activations round what the order of sums changes: in float32 the comparison is sharp.
  let model: LoadedModel;
  beforeAll(async () => {
    await convert(checkpoint, join(folder, "fp32"), { dtype: "fp32" });
    model = await loadModel(join(folder, "fp32"));
  });
  afterAll(async () => {
    await model.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it("gives the next question about a picture the answer and logits that it has alone", async () => {
    const seen = await model.see(sample(3));
    await model.answer(seen, "What color is the triangle?").result;
    const next = await model.answer(seen, "Where is the bear?", options).result;
    const alone = await model.answer(seen, "Where is the bear?", { ...options, reusePrefix: false }).result;
    expect(alone.reusedTokens).toBe(0);
    expect(next.reusedTokens).toBeGreaterThan(seen.embeddings.rows);
    expectSame(next, alone);
  });

  it("carries a whole conversation on", async () => {
    const chat = model.chat(await model.see(sample(1)), options);
    await chat.ask("What color is the word?").result;
    const second = await chat.ask("Where is the fish?").result;
    expect(chat.messages.map(({ role }) => role)).toEqual(["user", "assistant", "user", "assistant"]);
    expect(second.reusedTokens).toBeGreaterThan(150); // the picture, the first question and its answer
    const fresh = model.chat(await model.see(sample(1)), { ...options, reusePrefix: false });
    await fresh.ask("What color is the word?").result;
    expectSame(second, await fresh.ask("Where is the fish?").result);
  });

  it("keeps two answers at a time apart", async () => {
    const seen = await model.see(sample(3));
    const questions = ["Where is the bear?", "What color is the triangle?"];
    const together = await Promise.all(
      questions.map((question) => model.answer(seen, question, options).result),
    );
    for (const [i, question] of questions.entries()) {
      expectSame(together[i]!, await model.answer(seen, question, { ...options, reusePrefix: false }).result);
    }
  });
});

describe("prompts", () => {
  it("takes several pictures, each with its own number of tokens", async () => {
    const [one, other] = [
      await model.see(sample(1), pruMerge({ tokens: 20 })),
      await model.see(sample(3), pruMergePlus({ tokens: 50 })),
    ];
    const { visualTokens, promptTokens, text } = await model.answer([one, other], "Describe the image.")
      .result;
    const without = await model.answer(null, "Describe the image.").result;
    expect(visualTokens).toBe(70);
    expect(promptTokens).toBeGreaterThan(without.promptTokens + 69);
    expect(text).not.toBe("");
    const placed = await model.answer([one, other], "Left <image> or right <image>?").result;
    expect(placed.visualTokens).toBe(70);
  });

  it("answers without a picture, and from a prompt written out", async () => {
    expect((await model.answer(null, "Is there a cat in the image?").result).visualTokens).toBe(0);
    const seen = await model.see(sample(1));
    const question = "What color is the word?";
    const asked = await model.answer(seen, question).result;
    const raw = await model.answer(seen, { prompt: `USER: <image>\n${question} ASSISTANT:` }).result;
    expect(raw.tokenIds).toEqual(asked.tokenIds);
    expect(model.addsSpecialTokens).toBe(true); // its template, like LLaVA-1.5's, begins with "USER:"
  });

  it("refuses tokens of a picture in another number than the prompt has places", async () => {
    const { result } = model.answer(null, { prompt: "What is in <image>?" });
    await expect(result).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});

describe("seeing", () => {
  const outside = (reducer: Reducer): Reducer => ({ ...reducer, inGraph: () => undefined });

  it.each([
    pruMerge(),
    pruMergePlus({ maxTokens: 100 }),
    pruMerge({ tokens: 30, order: "raster" }),
    noReduction(),
  ])("$method $options: graph and planner agree", async (reducer) => {
    const inGraph = await model.see(sample(3), reducer);
    const planned = await model.see(sample(3), outside(reducer));
    expect([inGraph.statistics.inGraph, planned.statistics.inGraph]).toEqual([true, false]);
    expect(inGraph.plan.keptPatches).toEqual(planned.plan.keptPatches);
    expect(furthest(inGraph.embeddings.data, planned.embeddings.data)).toBeLessThan(1e-3);
  });

  it("keeps a quarter of the patches where nothing else is asked for", async () => {
    const { statistics, embeddings } = await model.see(sample(1));
    expect(statistics).toMatchObject({ method: "prumerge+", options: { maxTokens: 144 }, visualTokens: 144 });
    expect(embeddings.rows).toBe(144);
    expect(model.defaultReducer.options).toEqual(statistics.options);
    expect(model.methodSupport).toMatchObject({
      "prumerge+": "in-graph",
      uniform: "planner",
      none: "in-graph",
    });
  });

  it("runs methods that no graph computes, and says what they took", async () => {
    const { statistics, plan } = await model.see(sample(3), uniformSampling({ tokens: 36 }));
    expect(statistics).toMatchObject({
      method: "uniform",
      visualTokens: 36,
      unreducedTokens: 576,
      inGraph: false,
    });
    expect(statistics.keyValueBytes).toBe(36 * 8192);
    expect(plan.weights.every((weight) => weight === 1)).toBe(true);
  });

  it("takes paths, bytes and pixels, one or several", async () => {
    const bytes = readFileSync(sample(1));
    const [path, memory] = await model.see([sample(1), bytes], pruMerge({ tokens: 10 }));
    expect(memory!.embeddings).toEqual(path!.embeddings);
    await expect(model.see([bytes, new Uint8Array(0)])).rejects.toThrow(/^picture 2: an empty file/);
    await expect(model.see([bytes, "nowhere.png"])).rejects.toThrow(/^nowhere\.png: no such picture/);
    const pixels = squarePixels(new Float32Array(3 * 336 * 336), 336);
    expect((await model.see(pixels, pruMerge({ tokens: 10 }))).embeddings.rows).toBe(10);
    const wrong = squarePixels(new Float32Array(12), 2);
    await expect(model.see(wrong)).rejects.toMatchObject({ code: "INVALID_TENSOR" });
  });

  it("hands back signals only where they are asked for", async () => {
    expect((await model.see(sample(1))).signals).toBeUndefined();
    const { signals } = await model.see(sample(1), undefined, { signals: true });
    const [{ patches, keys, classAttention }] = signals as [Signals];
    expect([patches.rows, keys.rows, classAttention!.length]).toEqual([576, 577, 576]);
  });

  it("stops where its signal has fired", async () => {
    const seen = model.see(sample(1), undefined, { signal: AbortSignal.abort() });
    await expect(seen).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("refuses a budget that the grid has not", async () => {
    await expect(model.see(sample(1), pruMerge({ tokens: 578 }))).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
  });
});

describe("a loaded model", () => {
  it("leaves the event loop free", async () => {
    const seen = await model.see(sample(1), noReduction());
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }, 1);
    const start = performance.now();
    for (let i = 0; i < 3; i++)
      await model.answer(seen, `Is there ${i} cats?`, { reusePrefix: false }).result;
    const total = performance.now() - start;
    clearInterval(timer);
    expect(longest).toBeLessThan(total / 2);
  });

  it("refuses work once it is disposed of, as often as one likes", async () => {
    const short = await loadModel("pocket-llava", { threads: 1 });
    await short.dispose();
    await short[Symbol.asyncDispose]();
    expect(() => short.answer(null, "hello")).toThrow(expect.objectContaining({ code: "RUNTIME" }));
    await expect(short.see(sample(1))).rejects.toMatchObject({ code: "RUNTIME" });
  });

  it("is refused by name where there is none", async () => {
    await expect(loadModel("poket-llava")).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("pocket-llava"),
    });
  });
});
