import { readFileSync, rmSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { greatestDifference } from "../../test/support/compare.js";
import { writeLanguageFolder } from "../../test/support/tiny-folder.js";
import { goldenCases, tinyLanguageSpec, tinyModels, tinyWeights } from "../../test/support/tiny-llava.js";
import { batchDecoder } from "../graphs/batch-decoder.js";
import { batchingEngine } from "./batching-engine.js";
import type { Engine } from "./engine.js";
import { LanguageSessions } from "./language-side.js";
import { loadEngine } from "./load-engine.js";
import { nodeRuntime } from "./ort.js";
import { Prefills } from "./prefills.js";
import { remoteSide } from "./remote-calls.js";
import type { OnnxRuntime } from "./session.js";
import { Turns } from "./turns.js";
import { WorkerCaller } from "./worker-side.js";

const argmax = (logits: Float32Array) => logits.indexOf(Math.max(...logits));

describe.each(tinyModels)("several answers of %s in one run", (model) => {
  const spec = tinyLanguageSpec(model);
  const { hiddenSize, layers, keyValueHeads, headDim } = spec.language;
  const folder = writeLanguageFolder(spec, tinyWeights(model));
  const files = {
    folder: folder.path,
    embedTokens: `${folder.path}/onnx/embed_tokens.onnx`,
    decoder: { path: folder.decoder, form: "ours" },
  } as const;
  afterAll(() => rmSync(folder.path, { recursive: true }));
  const graph = batchDecoder(spec, readFileSync(folder.decoder), folder.decoder);
  const perToken = layers * 2 * keyValueHeads * headDim * 4;
  const goldens = goldenCases(model);

  /** Greedy tokens, and the logits that each was chosen from. */
  async function answer(engine: Engine, golden: (typeof goldens)[number], steps = golden.greedyIds.length) {
    const cache = await engine.createCache();
    const rows = { rows: golden.length, columns: hiddenSize, data: golden.embeddings };
    const logits = [(await engine.forward(cache, rows)).logits];
    const ids = [argmax(logits[0]!)];
    while (ids.length < steps) {
      const run = await engine.forward(cache, [ids.at(-1)!]);
      logits.push(run.logits);
      ids.push(argmax(run.logits));
    }
    return { cache, ids, logits };
  }

  /** An engine whose answers share runs, and of how many sequences each of its decoder's runs was, with how many rows. */
  function counting(most: number, bytes: number) {
    const runs: string[] = [];
    const runtime: OnnxRuntime = {
      ...nodeRuntime,
      async openSession(path, ...words) {
        const session = await nodeRuntime.openSession(path, ...words);
        if (!path.includes("decoder")) return session;
        return {
          ...session,
          run(feeds, ...rest) {
            runs.push(feeds.inputs_embeds!.dims.slice(0, 2).join(" x "));
            return session.run(feeds, ...rest);
          },
        };
      },
    };
    const language = new LanguageSessions(
      runtime,
      files,
      {},
      { graph, cache: "fp32", pool: { most, bytes } },
    );
    return { engine: batchingEngine({} as never, language, { kind: "encodes" }), language, runs };
  }

  const count = (runs: readonly string[], what: string) => runs.filter((one) => one === what).length;

  it.each([
    ["room for all", 8, 2 ** 24, 7],
    ["fewer slots than answers", 3, 2 ** 24, 3],
    ["memory for few", 8, 3 * 128 * perToken, 3],
    ["memory for none", 8, 1, 1],
  ])("gives each what it gives alone, %s", async (_, most, bytes, shared) => {
    const alone = await loadEngine(files, { worker: false });
    const { engine, language, runs } = counting(most, bytes);
    const asked = [...goldens, ...goldens, ...goldens].slice(0, 7);
    const expected = [];
    for (const golden of asked) expected.push(await answer(alone, golden));
    const together = await Promise.all(asked.map((golden) => answer(engine, golden)));
    for (const [at, { ids, logits }] of together.entries()) {
      expect(ids).toEqual(asked[at]!.greedyIds);
      for (const [token, row] of logits.entries())
        expect(greatestDifference(row, expected[at]!.logits[token]!)).toBeLessThan(1e-4);
    }
    const steps = Math.max(...runs.map((one) => Number(one.split(" x ")[0])));
    expect(steps).toBe(shared);
    if (shared === 7) expect(count(runs, "1 x 1")).toBeLessThan(count(runs, "7 x 1"));
    await Promise.all([alone.dispose(), language.dispose()]);
  });

  it("lets answers join and leave between runs, and goes on with what was copied, cut and released meanwhile", async () => {
    const { engine, language } = counting(4, 2 ** 24);
    const [first, second] = [goldens[0]!, goldens.at(-1)!];
    const long = answer(engine, first);
    const short = await answer(engine, second, 3);
    const copy = await engine.forkCache(short.cache);
    await engine.truncateCache(copy, second.length);
    const again = engine.forward(copy, [short.ids[0]!]);
    await engine.releaseCache(short.cache);
    expect(greatestDifference((await again).logits, short.logits[1]!)).toBeLessThan(1e-4);
    expect((await long).ids).toEqual(first.greedyIds);
    expect((await answer(engine, first)).ids).toEqual(first.greedyIds);
    await language.dispose();
  });

  it("keeps one's failure from the others", async () => {
    const { engine, language } = counting(4, 2 ** 24);
    const going = goldens.map((golden) => answer(engine, golden));
    const bad = await engine.createCache();
    await engine.forward(bad, [3, 4]);
    for (const id of [spec.language.vocabularySize, -1])
      await expect(engine.forward(bad, [id])).rejects.toMatchObject({ code: /RUNTIME|INVALID_TENSOR/ });
    await expect(engine.forward(bad, [1], { positions: [-1] })).rejects.toMatchObject({
      code: "INVALID_TENSOR",
    });
    await expect(engine.forward(9999, [1])).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await engine.cacheLength(bad)).toBe(2);
    for (const [at, one] of (await Promise.all(going)).entries())
      expect(one.ids).toEqual(goldens[at]!.greedyIds);
    await language.dispose();
  });

  it("cuts a prompt into parts where answers are under way, and takes back those of one that left or failed", async () => {
    const { language, runs } = counting(4, 2 ** 24);
    const turns = new Turns((steps) => language.step(steps));
    const prefills = new Prefills({ addAll: turns.addAll.bind(turns), budget: 1e-9 }, language);
    const golden = goldens.reduce((a, b) => (a.length > b.length ? a : b));
    const rows = { rows: golden.length, columns: hiddenSize, data: golden.embeddings };
    const [cache, left] = [await language.createCache(), await language.createCache()];
    await language.forward(left, [3, 4, 5]);
    const from = runs.length;
    const { logits } = await prefills.run(cache, rows, {}, undefined);
    expect(greatestDifference(logits, golden.logits.subarray(-logits.length))).toBeLessThan(1e-4);
    expect(runs.slice(from, -1)).toEqual(Array(Math.ceil(golden.length / 8) - 1).fill("1 x 8"));
    expect(await language.cacheLength(cache)).toBe(golden.length);

    const abort = new AbortController();
    const leaving = prefills.run(left, rows, {}, abort.signal);
    const until = runs.length + 2;
    while (runs.length < until) await new Promise((resolve) => setImmediate(resolve));
    abort.abort(new Error("left"));
    await expect(leaving).rejects.toThrow("left");
    const damaged = { ...rows, data: rows.data.slice() };
    damaged.data[20 * hiddenSize] = Number.NaN;
    await expect(prefills.run(left, damaged, {}, undefined)).rejects.toMatchObject({
      code: "INVALID_TENSOR",
    });
    expect(await language.cacheLength(left)).toBe(3);
    await language.dispose();
  });
});

it("answers fail, and do not hang, when the worker dies under their run", async () => {
  const setup = { side: "language", files: { folder: "nowhere" }, options: {} } as const;
  const entry = new URL("../../test/support/dying-worker.mjs", import.meta.url);
  const caller = new WorkerCaller(setup, entry);
  const language = {
    ...remoteSide("language", caller),
    step: (...words: unknown[]) => caller.call<never>("step", ...words),
  };
  const engine = batchingEngine({} as never, language, { kind: "encodes" });
  const answers = [1, 2, 3].map((cache) => engine.forward(cache, [1]));
  for (const one of await Promise.allSettled([...answers, engine.forward(4, [1, 2])]))
    expect(one).toMatchObject({ status: "rejected", reason: { code: "RUNTIME" } });
  await expect(engine.forward(1, [1])).rejects.toMatchObject({ code: "RUNTIME" });
});
