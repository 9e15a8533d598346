import { readFileSync, rmSync } from "node:fs";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { greatestDifference } from "../../test/support/compare.js";
import { writeLanguageFolder } from "../../test/support/tiny-folder.js";
import { goldenCases, tinyLanguageSpec, tinyModels, tinyWeights } from "../../test/support/tiny-llava.js";
import { batchDecoder } from "../graphs/batch-decoder.js";
import type { Matrix } from "../tensor/matrix.js";
import type { Engine } from "./engine.js";
import { LanguageSessions } from "./language-side.js";
import { loadEngine } from "./load-engine.js";
import { nodeRuntime } from "./ort.js";
import type { OnnxRuntime, OrtTensor, Session } from "./session.js";

/** ONNX Runtime with something put between it and whoever runs the decoder. */
function disturbed(run: (session: Session) => Session["run"]): OnnxRuntime {
  return {
    ...nodeRuntime,
    async openSession(path, options) {
      const session = await nodeRuntime.openSession(path, options);
      return path.includes("decoder") ? { ...session, run: run(session) } : session;
    },
  };
}

const argmax = (logits: Float32Array) => logits.indexOf(Math.max(...logits));

describe.each(tinyModels)("%s", (model) => {
  const spec = tinyLanguageSpec(model);
  const { hiddenSize, vocabularySize, layers, keyValueHeads, headDim } = spec.language;
  const folder = writeLanguageFolder(spec, tinyWeights(model));
  const embedTokens = `${folder.path}/onnx/embed_tokens.onnx`;
  afterAll(() => rmSync(folder.path, { recursive: true }));
  const golden = goldenCases(model)[0]!;
  const matrix = (data: Float32Array): Matrix => ({
    rows: data.length / hiddenSize,
    columns: hiddenSize,
    data,
  });
  const rows = (from: number, to: number) =>
    matrix(golden.embeddings.subarray(from * hiddenSize, to * hiddenSize));
  const recorded = (row: number) => golden.logits.subarray(row * vocabularySize, (row + 1) * vocabularySize);

  describe.each(["ours", "common", "batched"] as const)("decoder of the form %s", (form) => {
    let engine: Engine;
    beforeEach(async () => {
      const own = form !== "common";
      const decoder = { path: own ? folder.decoder : folder.merged, form: own ? "ours" : "common" } as const;
      const batch = form === "batched" && {
        decoder: {
          graph: batchDecoder(spec, readFileSync(decoder.path), decoder.path),
          cache: "fp32" as const,
          pool: { most: 4, bytes: 2 ** 24 },
        },
      };
      engine = await loadEngine({ folder: folder.path, embedTokens, decoder }, { worker: false, ...batch });
    });
    afterEach(() => engine.dispose());

    it.each(goldenCases(model))("continues greedily as recorded: $name", async (one) => {
      const cache = await engine.createCache();
      let run = await engine.forward(cache, matrix(one.embeddings));
      const ids = [argmax(run.logits)];
      while (ids.length < one.greedyIds.length) {
        run = await engine.forward(cache, [ids.at(-1)!]);
        ids.push(argmax(run.logits));
      }
      expect(ids).toEqual(one.greedyIds);
    });

    it("gives the recorded logits however the rows are cut into runs", async () => {
      const cache = await engine.createCache();
      let at = 0;
      for (const length of [1, 2, 17, golden.length - 20]) {
        const { logits } = await engine.forward(cache, rows(at, at + length));
        at += length;
        expect(await engine.cacheLength(cache)).toBe(at);
        expect(greatestDifference(logits, recorded(at - 1))).toBeLessThan(1e-4);
      }
    });

    it("reuses a prefix by cutting off, and by forking without disturbing the original", async () => {
      const cache = await engine.createCache();
      await engine.forward(cache, rows(0, 12));
      const fork = await engine.forkCache(cache);
      await engine.forward(cache, rows(3, 9));
      await engine.truncateCache(cache, 12);
      for (const one of [cache, fork]) {
        const { logits } = await engine.forward(one, rows(12, golden.length));
        expect(greatestDifference(logits, recorded(golden.length - 1))).toBeLessThan(1e-4);
      }
    });

    it("copies a beginning, for another prompt to go on from", async () => {
      const cache = await engine.createCache();
      await engine.forward(cache, matrix(golden.embeddings));
      const perToken = layers * 2 * keyValueHeads * headDim * 4;
      const head = await engine.forkCache(cache, 9);
      expect(await engine.cacheLength(head)).toBe(9);
      if (form !== "common") expect((await engine.cacheMemory(head)).allocatedBytes).toBe(9 * perToken);
      const copy = await engine.forkCache(head, 7);
      await engine.releaseCache(cache);
      for (const [one, from] of [
        [head, 9],
        [copy, 7],
      ] as const) {
        let run = await engine.forward(one, rows(from, golden.length));
        expect(greatestDifference(run.logits, recorded(golden.length - 1))).toBeLessThan(1e-4);
        const ids = [argmax(run.logits)];
        while (ids.length < golden.greedyIds.length) {
          run = await engine.forward(one, [ids.at(-1)!]);
          ids.push(argmax(run.logits));
        }
        expect(ids).toEqual(golden.greedyIds);
      }
      await expect(engine.forkCache(head, golden.length + 100)).rejects.toMatchObject({
        code: "INVALID_OPTION",
      });
    });

    it("counts exact key and value bytes", async () => {
      const cache = await engine.createCache();
      await engine.forward(cache, rows(0, 11));
      const perToken = layers * 2 * keyValueHeads * headDim * 4;
      expect((await engine.cacheMemory(cache)).usedBytes).toBe(11 * perToken);
      await engine.forkCache(cache);
      const all = await engine.cacheMemory();
      expect(all.usedBytes).toBe(22 * perToken);
      expect(all.allocatedBytes).toBeGreaterThanOrEqual(all.usedBytes);
    });

    it("takes turns when calls come all at once", async () => {
      const cache = await engine.createCache();
      const runs = [rows(0, 5), rows(5, 6), rows(6, 20)].map((part) => engine.forward(cache, part));
      const [, , last] = await Promise.all(runs);
      expect(greatestDifference(last!.logits, recorded(19))).toBeLessThan(1e-4);
    });

    it("refuses what cannot be, and keeps the cache as it was", async () => {
      const cache = await engine.createCache();
      await engine.forward(cache, rows(0, 5));
      const bad = rows(5, 8);
      const data = bad.data.slice();
      data[7] = Number.NaN;
      await expect(engine.forward(cache, { ...bad, data })).rejects.toMatchObject({ code: "INVALID_TENSOR" });
      await expect(engine.forward(cache, { ...bad, rows: 2 })).rejects.toMatchObject({
        code: "INVALID_TENSOR",
      });
      await expect(engine.forward(cache, [])).rejects.toMatchObject({ code: "INVALID_TENSOR" });
      await expect(engine.forward(cache, [-1])).rejects.toMatchObject({ code: "INVALID_TENSOR" });
      await expect(engine.forward(cache, [vocabularySize])).rejects.toMatchObject({ code: "RUNTIME" });
      await expect(engine.forward(99, [1])).rejects.toMatchObject({ code: "NOT_FOUND" });
      await expect(engine.truncateCache(cache, 6)).rejects.toMatchObject({ code: "INVALID_OPTION" });
      expect(await engine.cacheLength(cache)).toBe(5);
      const { logits } = await engine.forward(cache, rows(5, 8));
      expect(greatestDifference(logits, recorded(7))).toBeLessThan(1e-4);
      await engine.releaseCache(cache);
      await expect(engine.cacheLength(cache)).rejects.toMatchObject({ code: "NOT_FOUND" });
    });
  });

  describe.each(["ours", "common"] as const)("a prefill of several runs, decoder of the form %s", (form) => {
    const decoder = { path: form === "ours" ? folder.decoder : folder.merged, form };
    const files = { folder: folder.path, embedTokens, decoder };
    const before = rows(0, 5);
    // More rows than one run takes after five.
    const long = matrix(
      Float32Array.from({ length: 1100 * hiddenSize }, (_, i) => golden.embeddings[i % (40 * hiddenSize)]!),
    );

    it.each([
      [
        "fails",
        /no power/,
        () => {
          throw new Error("no power");
        },
      ],
      [
        "gives what is no number",
        /values that are not numbers/,
        (logits: Float32Array) => logits.fill(Number.NaN),
      ],
    ] as const)("leaves the cache as it was where a later one %s", async (_, message, damage) => {
      let [runs, broken] = [0, 3];
      const runtime = disturbed((session) => async (feeds, into) => {
        const out = await session.run(feeds, into);
        if (++runs === broken) damage((out.logits as OrtTensor).data as Float32Array);
        return out;
      });
      const side = new LanguageSessions(runtime, files, {});
      const cache = await side.createCache();
      await side.forward(cache, before);
      const fork = await side.forkCache(cache);
      const memory = await side.cacheMemory(cache);
      await expect(side.forward(cache, long)).rejects.toThrow(message);
      expect(runs).toBe(3); // one of the first rows, two of the long prompt
      expect(await side.cacheLength(cache)).toBe(5);
      expect((await side.cacheMemory(cache)).usedBytes).toBe(memory.usedBytes);
      broken = 0;
      for (const one of [cache, fork]) {
        const { logits } = await side.forward(one, rows(5, golden.length));
        expect(greatestDifference(logits, recorded(golden.length - 1))).toBeLessThan(1e-4);
      }
      await side.dispose();
    });
  });

  it("reads a prompt of several runs as it reads its parts", async () => {
    const files = {
      folder: folder.path,
      embedTokens,
      decoder: { path: folder.decoder, form: "ours" as const },
    };
    const side = new LanguageSessions(nodeRuntime, files, {});
    const long = Float32Array.from(
      { length: 1100 * hiddenSize },
      (_, i) => golden.embeddings[i % (golden.length * hiddenSize)]!,
    );
    const [whole, parts] = [await side.createCache(), await side.createCache()];
    const once = await side.forward(whole, matrix(long));
    expect(once.milliseconds).toBeGreaterThan(0);
    expect(once.milliseconds).toBeLessThan(performance.now());
    let last = once;
    for (let at = 0; at < 1100; at += 220)
      last = await side.forward(parts, matrix(long.subarray(at * hiddenSize, (at + 220) * hiddenSize)));
    expect(greatestDifference(last.logits, once.logits)).toBeLessThan(1e-3);
    await side.dispose();
  });

  it("opens both sessions ahead, the table's on the processor whatever the device", async () => {
    const opened: [string, unknown][] = [];
    const runtime: OnnxRuntime = {
      ...nodeRuntime,
      openSession(path, options) {
        opened.push([path, options]);
        return nodeRuntime.openSession(path, { ...options, device: "cpu" });
      },
    };
    const files = {
      folder: folder.path,
      embedTokens,
      decoder: { path: folder.decoder, form: "ours" as const },
    };
    const side = new LanguageSessions(runtime, files, { device: "webgpu", threads: 1 });
    await side.warm();
    expect(opened).toEqual([
      [embedTokens, { device: "cpu", threads: 1 }],
      [folder.decoder, { device: "webgpu", threads: 1 }],
    ]);
    await side.dispose();
  });

  it("says what a folder lacks, and where a cache can be cut", async () => {
    const lacking = new LanguageSessions(nodeRuntime, { folder: folder.path } as never, {});
    await expect(lacking.embed([1])).rejects.toThrow(/expected onnx\/embed_tokens\*\.onnx/);
    await expect(lacking.createCache()).rejects.toThrow(/expected onnx\/decoder\*\.onnx/);
    const files = {
      folder: folder.path,
      embedTokens,
      decoder: { path: folder.decoder, form: "ours" as const },
    };
    const side = new LanguageSessions(nodeRuntime, files, {});
    const cache = await side.createCache();
    await side.forward(cache, rows(0, 5));
    for (const length of [-1, 2.5, 6, Number.NaN])
      await expect(side.truncateCache(cache, length)).rejects.toThrow(
        new RegExp(`length: .*expected a whole number, 0 \\.\\. 5, found ${length}`),
      );
    await side.truncateCache(cache, 5);
    expect(await side.cacheLength(cache)).toBe(5);
    await side.truncateCache(cache, 0);
    expect(await side.cacheLength(cache)).toBe(0);
    await expect(side.embed([1, -1])).rejects.toThrow(/1 or more whole numbers, 0 or more, found \[1, -1\]/);
    await expect(
      side.forward(cache, { rows: 0, columns: hiddenSize, data: new Float32Array(0) }),
    ).rejects.toThrow(/1 or more rows of finite numbers, found \[0, /);
    const broken = matrix(golden.embeddings.slice(0, hiddenSize));
    broken.data[0] = Number.NaN;
    await expect(side.forward(cache, broken)).rejects.toThrow(/NaN at 0/);
    await side.releaseCache(cache);
    await expect(side.cacheLength(cache)).rejects.toThrow(/found 1.*It was released, or belongs to another/);
    await side.dispose();
  });

  it("embeds ids as the checkpoint's table has them", async () => {
    const engine = await loadEngine({ folder: folder.path, embedTokens }, { worker: false });
    const ids = [7, 0, vocabularySize - 1, 7];
    const { rows: count, columns, data } = await engine.embed(ids);
    expect([count, columns]).toEqual([4, hiddenSize]);
    const table = tinyWeights(model).get("language_model.model.embed_tokens.weight")!.data;
    const expected = ids.flatMap((id) => [...table.subarray(id * hiddenSize, (id + 1) * hiddenSize)]);
    expect([...data]).toEqual(expected);
    await expect(engine.createCache()).rejects.toMatchObject({ code: "NOT_FOUND" });
    await engine.dispose();
    await expect(engine.embed(ids)).rejects.toMatchObject({ code: "RUNTIME" });
  });
});
