import { mkdtempSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LoadOptions, loadModel, pruMerge } from "prumerge";
import { type ConvertOptions, convert, planConversion } from "prumerge/convert";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { multipliesExactly } from "../../src/runtime/exact-integers.js";
import { nodeRuntime } from "../../src/runtime/ort.js";
import { goldenPath } from "../support/checkpoint-folder.js";
import { correlation, greatestDifference } from "../support/compare.js";

const golden = "llava/tiny-llava-llama";
const checkpoint = goldenPath(golden);
const folder = mkdtempSync(join(tmpdir(), "prumerge-prefill-"));
const at = (name: string) => join(folder, name);
const question = { prompt: "<s>USER: <image>\nhello ASSISTANT:" };

const exact = await multipliesExactly(nodeRuntime);
if (!exact) console.log("prompts in int8: left out, since this processor multiplies whole numbers inexactly");

/** A greedy answer with the logits of each of its tokens. */
async function answer(name: string, options: LoadOptions = {}) {
  const model = await loadModel(at(name), { worker: false, threads: 1, ...options });
  try {
    const seen = await model.see(goldenPath(`${golden}.png`), pruMerge({ tokens: 8 }));
    const { result } = model.answer(seen, question, { maxNewTokens: 4, keepLogits: true });
    return { ...(await result), notes: model.notes, prefill: model.prefillDtype };
  } finally {
    await model.dispose();
  }
}

beforeAll(async () => {
  const all: Record<string, ConvertOptions> = {
    q4: { dtype: "q4" },
    int8: { dtype: "int8" },
    both: { dtype: "q4", prefillDtype: "int8" },
    halves: { dtype: "q8", prefillDtype: "fp32" },
  };
  for (const [name, options] of Object.entries(all))
    await convert(checkpoint, at(name), { ...options, workers: 0 });
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("a folder with a graph of its own for prompts", () => {
  it("is what was planned, and has everything that a folder without has", async () => {
    const plan = await planConversion(checkpoint, { dtype: "q4", prefillDtype: "int8" });
    expect(plan.dtypes).toMatchObject({ decoder: "q4", prefill: "int8" });
    const names = await readdir(at("both/onnx"));
    const own = names.filter((name) => name.startsWith("decoder_prefill"));
    expect(own.sort()).toEqual(["decoder_prefill_int8.onnx", "decoder_prefill_int8.onnx_data"]);
    expect(names.filter((name) => !own.includes(name)).sort()).toEqual((await readdir(at("q4/onnx"))).sort());
  });

  it("reads prompts by that, and tokens by the other", async () => {
    const [both, q4, halves] = [await answer("both"), await answer("q4"), await answer("halves")];
    expect(halves.prefillDtype).toBe("fp32");
    expect(q4.prefillDtype).toBeUndefined();
    if (!exact) return expect(both.notes.join()).toMatch(/inexactly/);
    expect([both.prefill, both.prefillDtype]).toEqual(["int8", "int8"]);
    const int8 = await answer("int8");
    expect(both.logits![0]).toEqual(int8.logits![0]);
    expect(both.logits![0]).not.toEqual(q4.logits![0]);
    expect(both.logits![1]).not.toEqual(int8.logits![1]);
  });

  it("reads both by the decoder where that is said: as a folder without", async () => {
    const [one, other] = [await answer("both", { prefill: "decoder" }), await answer("q4")];
    expect(one.prefill).toBeUndefined();
    expect(one.logits).toEqual(other.logits);
    expect(one.tokenIds).toEqual(other.tokenIds);
  });

  it.runIf(exact)("together with answers that share runs, and with keys and values in 8 bits", async () => {
    const alone = await answer("both");
    const batch = { most: 4, bytes: 2 ** 24 };
    const shared = await answer("both", { batch });
    expect(greatestDifference(shared.logits![0]!, alone.logits![0]!)).toBeLessThan(1e-4);
    const compact = await answer("both", { batch, cache: "q8" });
    expect(correlation(compact.logits![0]!, alone.logits![0]!)).toBeGreaterThan(0.999); // measured: 0.99978
  });
});

describe("what cannot be", () => {
  it("a graph for prompts that is not there is refused where it is asked for", async () => {
    await expect(loadModel(at("q4"), { prefill: "own" })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringMatching(/no graph of its own for prompts.*--prefill-dtype/s),
    });
    await expect(loadModel(at("q4"), { prefill: "other" as never })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      details: { where: "prefill", expected: "own or decoder" },
    });
  });

  it("the language model's own form once more is refused", async () => {
    await expect(planConversion(checkpoint, { dtype: "q8", prefillDtype: "q8" })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      details: { where: "prefillDtype" },
    });
  });
});
