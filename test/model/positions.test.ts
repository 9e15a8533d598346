import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type LoadedModel,
  loadModel,
  noReduction,
  pruMerge,
  pruMergePlus,
  randomSampling,
  uniformSampling,
  type VisualTokens,
} from "prumerge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundledFolder, bundledSamples } from "../support/bundled.js";

const fixtures = new URL("../fixtures/pocket-llava/", import.meta.url);

/** Of the two best logits; the 8-bit form differs from float32 by up to about as much. */
const nearTie = 0.2;

interface Recorded {
  readonly file: string;
  readonly questions: readonly ({ readonly question: string } & Record<
    "contiguous" | "original",
    { readonly answer: string; readonly gap: number }
  >)[];
}

describe("positions of kept rows", () => {
  let model: LoadedModel;
  beforeAll(async () => {
    model = await loadModel("pocket-llava", { worker: false, threads: 1 });
  });
  afterAll(() => model.dispose());
  const { path } = bundledSamples()[0]!;

  it.each([
    "contiguous",
    "original",
  ] as const)("answers as transformers does at %s positions, but for near-ties", async (positions) => {
    const samples: Recorded[] = JSON.parse(
      await readFile(new URL("pruned_answers.json", fixtures), "utf8"),
    ).samples;
    for (const [index, sample] of bundledSamples().entries()) {
      const seen = await model.see(sample.path, uniformSampling({ rows: 8, columns: 8 }), { positions });
      for (const one of samples[index]!.questions) {
        const { text } = await model.answer(seen, one.question, { maxNewTokens: 32 }).result;
        const { answer, gap } = one[positions];
        if (text !== answer) expect(gap, `${one.question} ${text}, not ${answer}`).toBeLessThan(nearTie);
      }
    }
  });

  it("gives each kept row the position of its patch, and the global token that of the middle", async () => {
    const { place, plan } = await model.see(path, pruMerge({ tokens: 32 }), { positions: "original" });
    expect(plan.keptPatches.at(-1)).toBe(-1);
    expect([...place!.at]).toEqual([...plan.keptPatches.slice(0, -1), 12 * 24 + 12]);
    expect(place!.advance).toBe(576);
  });

  it("puts text where it would have stood, far behind rows one after another", async () => {
    const reducer = pruMerge({ tokens: 32 });
    const seen = await model.see(path, reducer, { positions: "far" });
    expect([...seen.place!.at]).toEqual(Array.from({ length: 32 }, (_, row) => row));
    expect(seen.place!.advance).toBe(576);
    const logits = async (one: VisualTokens) =>
      (await model.answer(one, "What is there?", { maxNewTokens: 1, keepLogits: true }).result).logits![0]!;
    const far = await logits(seen);
    for (const positions of ["contiguous", "original"] as const) {
      expect(await logits(await model.see(path, reducer, { positions }))).not.toEqual(far);
    }
    // Given as numbers: the same.
    const place = { at: Int32Array.from({ length: 32 }, (_, row) => row), advance: 576 };
    expect(await logits({ ...(await model.see(path, reducer)), place })).toEqual(far);
  });

  it("leaves rows contiguous where nobody asks, and where all of them are there anyway", async () => {
    const logits = async (seen: VisualTokens) =>
      (await model.answer(seen, "What is there?", { maxNewTokens: 1, keepLogits: true }).result).logits![0]!;
    const plain = await model.see(path, pruMergePlus({ tokens: 32 }));
    const asked = await model.see(path, pruMergePlus({ tokens: 32 }), { positions: "contiguous" });
    const original = await model.see(path, pruMergePlus({ tokens: 32 }), { positions: "original" });
    expect(plain.place).toBeUndefined();
    expect(await logits(asked)).toEqual(await logits(plain));
    expect(await logits(original)).not.toEqual(await logits(plain));
    const whole = await model.see(path, noReduction());
    const spread = await model.see(path, noReduction(), { positions: "original" });
    expect(await logits(spread)).toEqual(await logits(whole));
  });

  it("goes on with the same words, whether or not a prefix is kept, over turns and over two pictures", async () => {
    const [first, second] = bundledSamples();
    const reducer = randomSampling({ tokens: 24, seed: 1 });
    const options = { positions: "original" } as const;
    const [one, two] = await model.see([first!.path, second!.path], reducer, options);
    const ask = async (reusePrefix: boolean | "pictures") => {
      const answers: string[] = [];
      for (const question of ["What is there?", "How many things are there?", "What is written?"]) {
        for (const seen of [[one!], [one!, two!], [two!]]) {
          const { text } = await model.answer(seen, question, { maxNewTokens: 8, reusePrefix }).result;
          answers.push(text);
        }
      }
      return answers;
    };
    const alone = await ask(false);
    expect(await ask(true)).toEqual(alone);
    expect(await ask("pictures")).toEqual(alone);
  });

  it("counts positions against the context, and rows against a limit", async () => {
    const seen = await model.see(path, pruMerge({ tokens: 8 }), { positions: "original" });
    const near = await model.see(path, pruMerge({ tokens: 8 }));
    const { context } = model.spec.language;
    const words = (await model.answer(near, "Why?", { maxNewTokens: 1 }).result).promptTokens - 8;
    // As many as there is room for behind 576 positions; one more draws the picture together by one.
    for (const [maxNewTokens, missing] of [
      [context - 576 - words, undefined],
      [context - 576 - words + 1, 1],
      [context - words - 8, 568],
    ] as const) {
      const { missingPositions } = await model.answer(seen, "Why?", { maxNewTokens }).result;
      expect(missingPositions).toBe(missing);
    }
    const more = model.answer(seen, "Why?", { maxNewTokens: context - words - 7 }).result;
    await expect(more).rejects.toMatchObject({ code: "CONTEXT_EXCEEDED" });
    const limits = { promptTokens: 64 };
    for (const one of [seen, near]) {
      const { promptTokens } = await model.answer(one, "Why?", { maxNewTokens: 1, limits }).result;
      expect(promptTokens).toBeLessThan(64);
    }
  });

  it("refuses other words", async () => {
    for (const positions of ["middle", "", 1, null]) {
      await expect(model.see(path, pruMerge(), { positions: positions as never })).rejects.toMatchObject({
        code: "INVALID_OPTION",
        message: expect.stringMatching(/positions: .*expected contiguous or original/),
      });
    }
  });
});

describe("a folder of format 1, whose language model takes no positions", () => {
  const folder = mkdtempSync(join(tmpdir(), "prumerge-format-1-"));
  let model: LoadedModel;
  let bundled: LoadedModel;
  beforeAll(async () => {
    for (const part of ["onnx", "samples"])
      cpSync(join(bundledFolder, part), join(folder, part), { recursive: true });
    for (const { path } of JSON.parse(await readFile(join(bundledFolder, "prumerge.json"), "utf8")).files) {
      cpSync(join(bundledFolder, path), join(folder, path));
    }
    const old = fileURLToPath(new URL("format-1/", fixtures));
    cpSync(join(old, "prumerge.json"), join(folder, "prumerge.json"));
    for (const graph of readdirSync(old).filter((name) => name.endsWith(".onnx"))) {
      cpSync(join(old, graph), join(folder, "onnx", graph));
    }
    model = await loadModel(folder, { worker: false, threads: 1 });
    bundled = await loadModel("pocket-llava", { worker: false, threads: 1 });
  });
  afterAll(async () => {
    await Promise.all([model.dispose(), bundled.dispose()]);
    rmSync(folder, { recursive: true });
  });

  it("answers as today's folder does, to the last bit", async () => {
    for (const reducer of [pruMergePlus({ tokens: 64 }), noReduction()]) {
      for (const { path, questions } of bundledSamples().slice(0, 2)) {
        const [old, now] = [await model.see(path, reducer), await bundled.see(path, reducer)];
        for (const { question } of questions.slice(0, 6)) {
          const options = { maxNewTokens: 16, keepLogits: true };
          const [a, b] = [
            await model.answer(old, question, options).result,
            await bundled.answer(now, question, options).result,
          ];
          expect(a.text).toBe(b.text);
          expect(a.logits).toEqual(b.logits);
        }
      }
    }
  });

  it.each(["original", "far"] as const)("refuses %s positions and says what to do", async (positions) => {
    const { path } = bundledSamples()[0]!;
    await expect(model.see(path, pruMerge({ tokens: 8 }), { positions })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringMatching(/counts positions by itself.*Convert the checkpoint again/),
    });
  });
});
