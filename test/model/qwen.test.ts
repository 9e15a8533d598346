import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LoadedModel, loadModel, type SeeOptions } from "prumerge";
import { convert } from "prumerge/convert";
import { classAttention, hiPrune, methods, noReduction, pruMerge } from "prumerge/reduce";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const fixtures = fileURLToPath(new URL("../fixtures/goldens/qwen2_5_vl/", import.meta.url));
const picture = join(fixtures, "tiny-qwen25vl-tied.two-0.png");
let folder: string;
let model: LoadedModel;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "prumerge-qwen-"));
  await convert(join(fixtures, "tiny-qwen25vl-tied"), join(folder, "model"));
  model = await loadModel(join(folder, "model"));
}, 60_000);

afterAll(async () => {
  await model.dispose();
  await rm(folder, { recursive: true, force: true });
});

describe("a model whose tower takes pictures of any size", () => {
  it("is shown pictures of the area that is asked for, and refuses what no picture has", async () => {
    const rows = async (options: SeeOptions) =>
      (await model.see(picture, noReduction(), options)).embeddings.rows;
    const usual = await rows({});
    const [few, many] = [await rows({ maxPixels: 28 * 28 * 6 }), await rows({ minPixels: 28 * 28 * 40 })];
    expect(few).toBeLessThanOrEqual(6);
    expect(usual).toBeGreaterThan(few);
    expect(many).toBeGreaterThanOrEqual(40);
    const prepared = await model.prepare(picture, { maxPixels: 28 * 28 * 6 });
    expect((await model.see(prepared, noReduction())).embeddings.rows).toBe(few);
    await expect(model.see(prepared, noReduction(), { maxPixels: 5000 })).rejects.toThrow(
      /^maxPixels: pixel values have their size already; .*found pixel values/,
    );
    for (const options of [
      { minPixels: 5000, maxPixels: 4000 },
      { maxPixels: 0 },
      { maxPixels: 1.5 },
      { minPixels: 10 ** 9 },
      { maxPixels: "4000" as never },
    ])
      await expect(model.see("no such picture", noReduction(), options)).rejects.toThrow(
        /^minPixels, maxPixels: no picture has an area within these limits; expected whole numbers/,
      );
    await expect(model.see(picture, noReduction(), { imageAspect: "pad" })).rejects.toThrow(/native.*pad/);
  });

  it("runs every method, planned outside of its graph", async () => {
    expect(model.methods.map(({ name }) => name)).toEqual(methods.map(({ name }) => name));
    for (const { name, create, budgets, defaultBudget } of methods) {
      expect([name, model.methodSupport[name]]).toEqual([name, name === "none" ? "in-graph" : "planner"]);
      const share = { kind: "share", ratio: 0.3 } as const;
      const reducer = create({}, budgets.includes("share") ? share : defaultBudget);
      const seen = await model.see(picture, reducer, { question: "What is there?" });
      expect(seen.embeddings.rows, name).toBe(seen.statistics.visualTokens);
      const { text } = await model.answer(seen, "What is there?", { maxNewTokens: 2 }).result;
      expect(text, name).toEqual(expect.any(String));
    }
  });

  it("draws a picture together whose positions the context has not, and refuses what does not fit at all", async () => {
    const { context } = model.spec.language;
    const seen = await model.see(picture, noReduction());
    const { advance } = seen.place!;
    const far = { ...seen, place: { ...seen.place!, advance: context + 10 } };
    const drawn = await model.answer(far, "What?", { maxNewTokens: 1 }).result;
    expect(drawn.missingPositions).toBeGreaterThan(0);
    expect((await model.answer(seen, "What?", { maxNewTokens: 1 }).result).missingPositions).toBeUndefined();
    expect(advance).toBeLessThan(context);
    await expect(model.answer(seen, "What? ".repeat(context), { maxNewTokens: 1 }).result).rejects.toThrow(
      expect.objectContaining({ code: "CONTEXT_EXCEEDED" }),
    );
  });

  it("keeps a quarter of a picture's rows where nobody says how many, since no count suits every size", async () => {
    const { statistics } = await model.see(picture);
    expect([statistics.method, statistics.visualTokens]).toEqual(["cover", statistics.unreducedTokens / 4]);
  });

  it("shows attention that is shared out among the patches of all tokens", async () => {
    const { signals } = await model.see(picture, noReduction(), { signals: true });
    const [one] = signals!;
    const perToken = 4;
    for (const attention of [one!.classAttention!, one!.headAttention!, one!.layers![-2]!.headAttention!])
      expect(attention.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1 / perToken, 5);
    expect(classAttention(one!)).toBe(one!.classAttention);
    expect(classAttention(one!, { perHeadAttention: true })).toBe(one!.headAttention);
    expect(one!.headAttention).not.toEqual(one!.classAttention);
  });

  it("hands methods what they read, by whatever they are seen with before", async () => {
    const alone = await model.see(picture, pruMerge({ tokens: 4 }));
    await model.see(picture, noReduction());
    const again = await model.see(picture, pruMerge({ tokens: 4 }));
    expect(again.embeddings.data).toEqual(alone.embeddings.data);
    expect((await model.see(picture, hiPrune({ tokens: 4, objectLayer: -2 }))).embeddings.rows).toBe(4);
    await expect(model.see(picture, hiPrune({ tokens: 4 }))).rejects.toThrow(/keys\.-16/);
  });
});
