import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LoadedModel, loadModel, type VisualTokens } from "prumerge";
import { convert } from "prumerge/convert";
import { cover, noReduction, pruMergePlus, uniformSampling } from "prumerge/reduce";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenPath } from "../support/checkpoint-folder.js";
import { refusal } from "../support/refusal.js";

const temporary = mkdtempSync(join(tmpdir(), "prumerge-odd-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

function picture(width: number, height: number) {
  return { width, height, data: new Uint8Array(width * height * 3).fill(100) };
}

/** Bytes of 300 MB that many pictures may share: one is made, and nobody writes to it. */
const huge = picture(10_000, 10_000);

/** Recorded models of every family whose pictures are tiles, or of any size, and what stands for a picture in their prompts. */
const goldens = [
  ["llava_next/tiny-next-llama", "<image>"],
  ["llava_onevision/tiny-ov-qwen2", "<image>"],
  ["smolvlm/tiny-idefics3", "<image>"],
  ["qwen2_vl/tiny-qwen2vl", "<|image_pad|>"],
  ["qwen2_5_vl/tiny-qwen25vl-tied", "<|image_pad|>"],
  ["qwen3_vl/tiny-qwen3vl", "<|image_pad|>"],
] as const;

describe.each(goldens)("%s", (golden, image) => {
  let model: LoadedModel;
  beforeAll(async () => {
    const folder = join(temporary, golden.replace("/", "-"));
    await convert(goldenPath(golden), folder, { dtype: "fp32", workers: 0 });
    model = await loadModel(folder, { worker: false });
  });
  afterAll(() => model.dispose());

  /** Seen whole, by a share and by the smallest count, and asked. */
  async function isSeen(width: number, height: number): Promise<void> {
    for (const reducer of [noReduction(), uniformSampling({ keepRatio: 0.25 }), cover({ tokens: 1 })]) {
      const { embeddings, statistics, sites, ...rest } = await model.see(picture(width, height), reducer);
      const { views, visualTokens } = statistics;
      expect(embeddings.rows).toBe(visualTokens);
      expect(visualTokens).toBeGreaterThan(0);
      expect(embeddings.data.every(Number.isFinite)).toBe(true);
      if (reducer.method === "cover") expect(visualTokens).toBe(1);
      if (reducer.method !== "none")
        expect(views!.reduce((sum, view) => sum + view.visualTokens, 0)).toBe(visualTokens);
      // What shows no part of the picture is no part of the sum.
      for (const view of views!) expect(view.visualTokens).toBeLessThanOrEqual(view.patches);
      const seen = { embeddings, statistics, sites, ...rest };
      const { tokenIds } = await model.answer(seen, "What is shown?", { maxNewTokens: 1 }).result;
      expect(tokenIds).toHaveLength(1);
    }
  }

  it("sees a picture of one pixel", () => isSeen(1, 1));

  it.each([
    [1, 4000],
    [4000, 1],
  ])("%#: sees a line of 4000 pixels, or refuses it as its own processor does", async (width, height) => {
    if (!golden.startsWith("qwen")) return isSeen(width, height);
    const { message } = await refusal("INVALID_IMAGE", () =>
      model.see(picture(width, height), noReduction()),
    );
    expect(message).toMatch(/at most 200 times.*found (1 x 4000|4000 x 1)/);
  });

  it("sees the largest picture that is taken, and refuses the next before it is read", async () => {
    const wide = { ...huge, width: 10_001 };
    const error = await refusal("LIMIT_EXCEEDED", () => model.see(wide, noReduction()));
    expect(error.message).toMatch(/10001 x 10000|100010000/);
    if (golden.startsWith("qwen")) return; // the tiny tower's own limit of area is the hub's, 16 million pixels: minutes
    const { statistics } = await model.see(huge, uniformSampling({ tokens: 9 }));
    expect(statistics.visualTokens).toBe(9);
  });

  it("takes no count below one, of one picture or of several", async () => {
    for (const pictures of [picture(30, 20), [picture(30, 20), picture(20, 30), picture(9, 9)]])
      for (const tokens of [0, -1, 0.5])
        await refusal("INVALID_OPTION", () => model.see(pictures as never, uniformSampling({ tokens })));
    const seen = await model.see([picture(30, 20), picture(20, 30)], uniformSampling({ tokens: 2 }));
    expect(seen.map(({ statistics }) => statistics.visualTokens)).toEqual([2, 2]);
  });

  it("takes no more than there is", async () => {
    const { message } = await refusal("INVALID_OPTION", () =>
      model.see(picture(30, 20), uniformSampling({ tokens: 1_000_000 })),
    );
    expect(message).toMatch(/tokens/);
  });

  it.each([
    [0, 1],
    [2, 1],
    [1, 2],
    [3, 2],
    [1, 0],
  ])("refuses a prompt with %i places for %i pictures, with both numbers", async (places, count) => {
    const seen: VisualTokens[] = [];
    for (let at = 0; at < count; at++) seen.push(await model.see(picture(30, 20), cover({ tokens: 3 })));
    const prompt = `${image.repeat(places)}What is shown?`;
    const { message } = await refusal("INVALID_OPTION", () => model.answer(seen, { prompt }, {}).result);
    expect(message).toContain(`expected ${count} times ${image}, found ${places} in the prompt`);
  });
});

it("counts the vector that ends each of several pictures, which a count of one leaves no room for", async () => {
  const folder = join(temporary, "llava_onevision-tiny-ov-qwen2");
  const model = await loadModel(folder, { worker: false });
  const see = (tokens: number) => model.see([picture(9, 9), picture(9, 9)], pruMergePlus({ tokens }));
  expect((await refusal("INVALID_OPTION", () => see(1))).message).toMatch(/expected 2 or more, found 1/);
  expect((await see(2)).map(({ statistics }) => statistics.visualTokens)).toEqual([2, 2]);
  await model.dispose();
});
