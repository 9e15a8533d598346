import { readFileSync, rmSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { greatestDifference } from "../../test/support/compare.js";
import { floats, readFixture } from "../../test/support/safetensors.js";
import { writeLanguageFolder } from "../../test/support/tiny-folder.js";
import { languageOnly } from "../../test/support/tiny-llava.js";
import { ConfigReader } from "../models/config-reader.js";
import { parseLanguageModel } from "../models/language-model.js";
import type { CacheId, Engine } from "./engine.js";
import { loadDecoder } from "./load-decoder.js";
import { loadEngine } from "./load-engine.js";

// What transformers computes at such positions and with such biases: see test/fixtures/README-language.md.
const fixtures = new URL("../../test/fixtures/positions/", import.meta.url);
interface Case {
  readonly name: string;
  readonly config: unknown;
  readonly positions: readonly number[];
}
const manifest: { prefill: number; cases: Case[] } = JSON.parse(
  readFileSync(new URL("manifest.json", fixtures), "utf8"),
);
const recorded = readFixture(new URL("positions.safetensors", fixtures));
const data = floats(recorded, "rows");
const bias = floats(recorded, "bias");
const { prefill } = manifest;

describe.each(manifest.cases)("$name at given positions", ({ name, config, positions }) => {
  const spec = languageOnly(parseLanguageModel(new ConfigReader(config, name)));
  const { hiddenSize, vocabularySize } = spec.language;
  const weights = new Map(
    [...recorded].flatMap(([key, tensor]) =>
      key.startsWith(`${name}.language_model.`) ? [[key.slice(name.length + 1), tensor] as const] : [],
    ),
  );
  const written = writeLanguageFolder(spec, weights);
  afterAll(() => rmSync(written.path, { recursive: true }));

  const open = async (form: "ours" | "common" | "batched" | "q8") => {
    const own = form !== "common";
    const decoder = { path: own ? written.decoder : written.merged, form: own ? "ours" : "common" } as const;
    const files = { folder: written.path, decoder };
    const wishes = {
      batched: { pool: { most: 2, bytes: 2 ** 24 } },
      q8: { cache: "q8" },
    } as const;
    const made = form === "batched" || form === "q8" ? wishes[form] : undefined;
    return loadEngine(files, {
      worker: false,
      ...(made && { decoder: await loadDecoder(files, spec, made) }),
    });
  };
  /** Logits after the prefill and after each row that follows, all at their positions. */
  async function* through(engine: Engine, cache: CacheId, biases?: Float32Array) {
    for (let from = 0, to = prefill; to <= positions.length; from = to, to++) {
      const rows = {
        rows: to - from,
        columns: hiddenSize,
        data: data.subarray(from * hiddenSize, to * hiddenSize),
      };
      const places = {
        positions: positions.slice(from, to),
        ...(biases && { bias: biases.subarray(from, to) }),
      };
      yield { row: to - 1, logits: (await engine.forward(cache, rows, places)).logits };
    }
  }
  const expected = (row: number, which = "logits") =>
    floats(recorded, `${name}.${which}`).subarray(row * vocabularySize, (row + 1) * vocabularySize);

  it.each(["ours", "common"] as const)("gives transformers' logits, %s form", async (form) => {
    const engine = await open(form);
    expect(await engine.takes()).toEqual({ positions: true, bias: form === "ours" });
    const cache = await engine.createCache();
    for await (const { row, logits } of through(engine, cache)) {
      expect(greatestDifference(logits, expected(row))).toBeLessThan(1e-4);
    }
    await engine.dispose();
  });

  it.each(
    spec.language.rope.kind === "dynamic" ? (["ours"] as const) : (["ours", "batched"] as const),
  )("gives transformers' logits with a bias on keys, %s form", async (form) => {
    const engine = await open(form);
    for await (const { row, logits } of through(engine, await engine.createCache(), bias)) {
      expect(greatestDifference(logits, expected(row, "biased"))).toBeLessThan(1e-4);
      expect(greatestDifference(logits, expected(row))).toBeGreaterThan(0.01);
    }
    await engine.dispose();
  });

  // Measured: at most 0.027 of logits up to 3.7.
  it("stays close to transformers' logits with keys and values in 8 bits", async () => {
    const engine = await open("q8");
    for await (const { row, logits } of through(engine, await engine.createCache(), bias)) {
      const difference = greatestDifference(logits, expected(row, "biased"));
      expect(difference).toBeLessThan(0.04);
      expect(greatestDifference(logits, expected(row))).toBeGreaterThan(2 * difference);
    }
    await engine.dispose();
  });

  it.each([
    "ours",
    "common",
  ] as const)("goes on behind the largest position by itself, %s form", async (form) => {
    const engine = await open(form);
    const cache = await engine.createCache();
    const run = through(engine, cache, form === "ours" ? bias : undefined);
    await run.next();
    const copies = [await engine.forkCache(cache), await engine.forkCache(cache, prefill - 1)];
    await run.next(); // what the copies must know nothing of
    await engine.truncateCache(copies[0]!, prefill);
    const [from, to] = [prefill - 1, prefill];
    const last = data.subarray(from * hiddenSize, to * hiddenSize);
    await engine.forward(
      copies[1]!,
      { rows: 1, columns: hiddenSize, data: last },
      {
        positions: positions.slice(from, to),
        ...(form === "ours" && { bias: bias.subarray(from, to) }),
      },
    );
    const which = form === "ours" ? "biased" : "logits";
    for (let row = prefill; row < positions.length; row++) {
      const one = {
        rows: 1,
        columns: hiddenSize,
        data: data.subarray(row * hiddenSize, (row + 1) * hiddenSize),
      };
      for (const copy of copies) {
        const { logits } = await engine.forward(copy, one);
        expect(greatestDifference(logits, expected(row, which))).toBeLessThan(1e-4);
      }
    }
    await engine.dispose();
  });

  it("forgets positions and biases with their rows", async () => {
    const engine = await open("ours");
    const cache = await engine.createCache();
    const rows = { rows: 3, columns: hiddenSize, data: data.subarray(0, 3 * hiddenSize) };
    await engine.forward(cache, rows, { positions: [0, 40, 9], bias: Float32Array.of(1, 2, 3) });
    await engine.truncateCache(cache, 0);
    for await (const { row, logits } of through(engine, cache, bias)) {
      expect(greatestDifference(logits, expected(row, "biased"))).toBeLessThan(1e-4);
    }
    await engine.dispose();
  });

  it("refuses what is no place, before anything is computed", async () => {
    const engine = await open("ours");
    const cache = await engine.createCache();
    const rows = { rows: 2, columns: hiddenSize, data: data.subarray(0, 2 * hiddenSize) };
    for (const places of [
      { positions: [1] },
      { positions: [0, -1] },
      { positions: [0, 0.5] },
      { bias: Float32Array.of(0) },
      { bias: Float32Array.of(0, Number.POSITIVE_INFINITY) },
    ]) {
      await expect(engine.forward(cache, rows, places)).rejects.toMatchObject({ code: "INVALID_TENSOR" });
    }
    expect(await engine.cacheLength(cache)).toBe(0);
    await engine.dispose();
  });

  it("refuses a bias where the graph has no input for it", async () => {
    const engine = await open("common");
    const cache = await engine.createCache();
    const rows = { rows: 1, columns: hiddenSize, data: data.subarray(0, hiddenSize) };
    await expect(engine.forward(cache, rows, { bias: Float32Array.of(1) })).rejects.toMatchObject({
      code: "UNSUPPORTED_MODEL",
      message: expect.stringMatching(/no bias for a row's key.*prumerge convert/),
    });
    await engine.dispose();
  });
});
