import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type FrameSampling, type LoadedModel, loadModel, type Video } from "prumerge";
import { convert } from "prumerge/convert";
import { decodePicture, type Picture } from "prumerge/image";
import { cover, methods, noReduction } from "prumerge/reduce";
import { inspectVideo, renderFilm } from "prumerge/view";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenPath } from "../support/checkpoint-folder.js";
import { floats, readFixture } from "../support/safetensors.js";

const folder = fileURLToPath(new URL("../fixtures/qwen-video/", import.meta.url));
const { clip, cases } = JSON.parse(readFileSync(join(folder, "cases.json"), "utf8")) as {
  clip: { indices: number[]; total: number; fps: number };
  cases: Record<string, { prompt: string; tokens: number; greedy: number[]; grid?: number[][] }>;
};
const models = [
  ["qwen2", "qwen2_vl/tiny-qwen2vl"],
  ["qwen25", "qwen2_5_vl/tiny-qwen25vl-tied"],
  ["qwen3", "qwen3_vl/tiny-qwen3vl"],
] as const;

let frames: Picture[];
beforeAll(async () => {
  const strip = await decodePicture(join(folder, "frames.png"));
  const { width } = strip;
  const height = strip.height / clip.indices.length;
  frames = clip.indices.map((_, at) => ({
    width,
    height,
    data: strip.data.subarray(at * width * height * 3, (at + 1) * width * height * 3),
  }));
});

/** The recorded clip, whatever is asked for: which frames a sampling names is the video room's. */
const video = (more: object = {}): Video => ({
  kind: "video",
  take: async () => ({
    frames,
    indices: clip.indices,
    seconds: clip.indices.map((frame) => frame / clip.fps),
    total: clip.total,
    notes: [],
    ...more,
  }),
});

describe.each(models)("%s", (name, golden) => {
  let temporary: string;
  let model: LoadedModel;
  beforeAll(async () => {
    temporary = await mkdtemp(join(tmpdir(), "prumerge-qwen-video-"));
    await convert(goldenPath(golden), join(temporary, "model"), { dtype: "fp32" });
    model = await loadModel(join(temporary, "model"));
  }, 60_000);
  afterAll(async () => {
    await model.dispose();
    await rm(temporary, { recursive: true, force: true });
  });

  const recorded = () => readFixture(join(folder, `${name}.safetensors`));
  function near(ours: ArrayLike<number>, theirs: Float32Array, within: number): void {
    expect(ours.length).toBe(theirs.length);
    const furthest = theirs.reduce((most, value, at) => Math.max(most, Math.abs(value - ours[at]!)), 0);
    expect(furthest).toBeLessThan(within);
  }

  it("watches a video as transformers does", async () => {
    const { prompt, tokens, greedy, grid } = cases[`${name}-video`]!;
    const seen = await model.see(video(), noReduction());
    const { hiddenSize } = model.spec.language;
    const { rows, columns, data } = seen.embeddings;
    expect(seen.sites.regions.map(({ rows, columns }) => [rows * 2, columns * 2])).toEqual(
      Array(grid![0]![0]).fill(grid![0]!.slice(1)),
    );
    const main = Float32Array.from({ length: rows * hiddenSize }, (_, at) => {
      const row = Math.floor(at / hiddenSize);
      return data[row * columns + (at % hiddenSize)]!;
    });
    near(main, floats(recorded(), "video.rows"), 1e-4);
    const answer = await model.answer(seen, { prompt }, { maxNewTokens: greedy.length, keepLogits: true })
      .result;
    expect(answer.promptTokens).toBe(tokens);
    near(answer.logits![0]!, floats(recorded(), "video.logits"), 1e-3);
    expect(answer.tokenIds).toEqual(greedy);
  });

  it("reduces a video by every method, and says it in a chat", async () => {
    const question = "What happens?";
    for (const { name, create, budgets, defaultBudget } of methods) {
      const share = { kind: "share", ratio: 0.2 } as const;
      const reducer = create({}, budgets.includes("share") ? share : defaultBudget);
      const seen = await model.see(video(), reducer, { question });
      expect(seen.embeddings.rows, name).toBe(seen.statistics.visualTokens);
      const { tokenIds } = await model.answer(seen, question, { maxNewTokens: 1 }).result;
      expect(tokenIds, name).toHaveLength(1);
    }
  });

  it("is shown frames of the area that is asked for, and drawn on the first of each two", async () => {
    const clipped = video();
    const pixels = 28 * 28 * 12;
    const few = await model.see(clipped, noReduction(), { minPixels: 1, maxPixels: pixels });
    expect(few.statistics.visualTokens).toBeLessThanOrEqual(3 * 12);
    await expect(model.see(clipped, noReduction(), { minPixels: 9000, maxPixels: 1000 })).rejects.toThrow(
      /^minPixels, maxPixels: no picture has an area/,
    );
    const film = inspectVideo(frames, await model.see(clipped, cover({ tokens: 6 }), { signals: true }));
    expect([film.shown, film.total]).toEqual([5, 14]);
    expect(film.frames.map(({ frame }) => frame)).toEqual([0, 6, 12]);
    expect(String(await renderFilm(film, "svg"))).toContain("of 5 of 14 frames");
  });

  it("goes on where the unreduced video would have, in time too", async () => {
    const [whole, part] = [
      await model.see(video(), noReduction()),
      await model.see(video(), cover({ tokens: 5 })),
    ];
    const advance = ({ place, parted }: typeof whole) =>
      parted === undefined ? place!.advance : parted.runs.reduce((sum, { place }) => sum + place!.advance, 0);
    expect(advance(part)).toBe(advance(whole));
  });

  it("takes no frames of several sizes, none, or a video whose rate nothing tells by frames per second", async () => {
    const other = { width: 8, height: 8, data: new Uint8Array(192) };
    await expect(model.see(video({ frames: [frames[0], other] }), noReduction())).rejects.toThrow(
      /^frames: these are no frames of a video; expected 60 x 44, found 8 x 8/,
    );
    await expect(model.see(video({ frames: [] }), noReduction())).rejects.toThrow(/^frames: .*found none/);
    const asked: FrameSampling[] = [];
    const told: Video = {
      kind: "video",
      take(sampling) {
        asked.push(sampling);
        return video().take(sampling);
      },
    };
    const by = (sampling: Partial<FrameSampling>) => model.see(told, cover({ tokens: 3 }), { sampling });
    for (const sampling of [{}, { count: 2 }, { fps: 1 }, { fps: 1, count: 8 }]) await by(sampling);
    expect(asked.map(({ count, fps, minimum }) => [count, fps, minimum])).toEqual([
      [768, 2, 4],
      [2, undefined, undefined],
      [768, 1, 4],
      [8, 1, 4],
    ]);
    expect(model.videoSampling).toMatchObject({ fps: 2, count: 768, minimum: 4 });
  });

  it("answers a chat that brings pictures in later turns as transformers does", async () => {
    const { prompt, tokens, greedy } = cases[`${name}-chat`]!;
    const own = goldenPath(golden);
    const seen = await model.see([`${own}.two-1.png`, `${own}.two-0.png`], noReduction());
    for (const reusePrefix of [true, false]) {
      const options = { maxNewTokens: greedy.length, keepLogits: true, reusePrefix };
      if (reusePrefix) {
        // An earlier turn leaves its keys and values behind.
        const before = prompt.slice(0, prompt.indexOf("A.<|im_end|>"));
        await model.answer(seen.slice(0, 1), { prompt: before }, { maxNewTokens: 1 }).result;
      }
      const answer = await model.answer(seen, { prompt }, options).result;
      expect(answer.promptTokens).toBe(tokens);
      near(answer.logits![0]!, floats(recorded(), "chat.logits"), 1e-3);
      expect(answer.tokenIds).toEqual(greedy);
      expect(answer.reusedTokens > 0).toBe(reusePrefix);
    }
  });
});
