import { rmSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { correlation, greatestDifference } from "../../test/support/compare.js";
import { writeLanguageFolder } from "../../test/support/tiny-folder.js";
import { goldenCases, tinyLanguageSpec, tinyModels, tinyWeights } from "../../test/support/tiny-llava.js";
import { keyValueBytesPerToken } from "../see/key-value-bytes.js";
import type { Engine } from "./engine.js";
import { type DecoderWishes, loadDecoder } from "./load-decoder.js";
import { loadEngine } from "./load-engine.js";

const argmax = (logits: Float32Array) => logits.indexOf(Math.max(...logits));

// Against what transformers computed in float32.
describe.each(tinyModels)("keys and values of %s in 8 bits", (model) => {
  const spec = tinyLanguageSpec(model);
  const { hiddenSize, vocabularySize } = spec.language;
  const folder = writeLanguageFolder(spec, tinyWeights(model));
  const files = {
    folder: folder.path,
    embedTokens: `${folder.path}/onnx/embed_tokens.onnx`,
    decoder: { path: folder.decoder, form: "ours" },
  } as const;
  afterAll(() => rmSync(folder.path, { recursive: true }));
  const goldens = goldenCases(model);
  const golden = goldens.reduce((a, b) => (a.length > b.length ? a : b));

  const open = async (wishes: DecoderWishes = { cache: "q8" }) =>
    loadEngine(files, { worker: false, decoder: await loadDecoder(files, spec, wishes) });
  const rows = (from: number, to: number) => ({
    rows: to - from,
    columns: hiddenSize,
    data: golden.embeddings.subarray(from * hiddenSize, to * hiddenSize),
  });
  const recorded = (row: number) => golden.logits.subarray(row * vocabularySize, (row + 1) * vocabularySize);

  async function answer(engine: Engine, one: (typeof goldens)[number]) {
    const cache = await engine.createCache();
    const prompt = { rows: one.length, columns: hiddenSize, data: one.embeddings };
    const logits = [(await engine.forward(cache, prompt)).logits];
    while (logits.length < one.greedyIds.length)
      logits.push((await engine.forward(cache, [argmax(logits.at(-1)!)])).logits);
    return logits;
  }

  it("continue greedily as recorded", async () => {
    const engine = await open();
    expect(engine.cacheForm).toBe("q8");
    for (const one of goldens) expect((await answer(engine, one)).map(argmax)).toEqual(one.greedyIds);
    await engine.dispose();
  });

  it("give nearly the recorded logits, and the same ones however a prompt is cut, copied or cut off", async () => {
    const engine = await open();
    const whole = new Map<number, Float32Array>();
    for (const to of [1, 3, 20, golden.length]) {
      const { logits } = await engine.forward(await engine.createCache(), rows(0, to));
      whole.set(to, logits);
      // Measured: at most 0.046 of logits up to 6, correlation at least 0.99994.
      expect(greatestDifference(logits, recorded(to - 1))).toBeLessThan(0.07);
      expect(correlation(logits, recorded(to - 1))).toBeGreaterThan(0.9999);
    }
    const cache = await engine.createCache();
    let at = 0;
    for (const to of [1, 3, 20, golden.length]) {
      const { logits } = await engine.forward(cache, rows(at, to));
      expect(greatestDifference(logits, whole.get(to)!)).toBeLessThan(1e-4);
      at = to;
    }
    const head = await engine.forkCache(cache, 9);
    await engine.truncateCache(cache, 20);
    for (const [one, from] of [
      [head, 9],
      [cache, 20],
    ] as const) {
      const { logits } = await engine.forward(one, rows(from, golden.length));
      expect(greatestDifference(logits, whole.get(golden.length)!)).toBeLessThan(1e-4);
    }
    await engine.dispose();
  });

  it("are the same where answers share runs", async () => {
    const [alone, together] = [await open(), await open({ cache: "q8", pool: { most: 8, bytes: 2 ** 24 } })];
    const answers = await Promise.all(goldens.map((one) => answer(together, one)));
    for (const [at, one] of goldens.entries()) {
      const expected = await answer(alone, one);
      for (const [token, logits] of answers[at]!.entries())
        expect(greatestDifference(logits, expected[token]!)).toBeLessThan(1e-4);
    }
    await Promise.all([alone.dispose(), together.dispose()]);
  });

  it("take a byte each, and four for the scale of each row and head", async () => {
    const engine = await open();
    const cache = await engine.createCache();
    await engine.forward(cache, rows(0, 11));
    const { layers, keyValueHeads, headDim } = spec.language;
    const { usedBytes } = await engine.cacheMemory(cache);
    expect(usedBytes).toBe(11 * layers * 2 * keyValueHeads * (headDim + 4));
    expect(usedBytes).toBe(11 * keyValueBytesPerToken(spec.language, engine.cacheForm));
    await engine.dispose();
  });

  it("are refused where the language model is another exporter's", async () => {
    const decoder = { path: folder.merged, form: "common" } as const;
    await expect(loadDecoder({ ...files, decoder }, spec, { cache: "q8" })).rejects.toMatchObject({
      code: "UNSUPPORTED_MODEL",
      message: expect.stringMatching(/returns its keys and values/),
    });
    await expect(loadDecoder(files, spec, { cache: "q3" as "q8" })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringMatching(/fp32 or q8/),
    });
  });
});
