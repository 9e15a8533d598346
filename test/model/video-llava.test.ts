import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { framesApart, loadModel, type VisualTokens } from "prumerge";
import { convert, planConversion } from "prumerge/convert";
import type { Picture } from "prumerge/image";
import {
  acrossFrames,
  applyPlan,
  divPrune,
  dyCoke,
  noReduction,
  pruMerge,
  uniformSampling,
} from "prumerge/reduce";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadEngine } from "../../dist/runtime/index.js";
import { runFamily } from "../../src/families/run-registry.js";

const fixtures = fileURLToPath(new URL("../fixtures/goldens/video_llava", import.meta.url));
const [original, ported] = [join(fixtures, "orig-video-llava-a"), join(fixtures, "tiny-video-llava-a")];

let work = "";
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "prumerge-video-llava-"));
});
afterAll(() => rm(work, { recursive: true, force: true }));

/** A copy of a checkpoint with a JSON file of it changed. */
async function changed(source: string, file: string, change: (json: Record<string, never>) => object) {
  const folder = await mkdtemp(join(work, "checkpoint-"));
  await cp(source, folder, { recursive: true });
  const json = JSON.parse(await readFile(join(folder, file), "utf8"));
  await writeFile(join(folder, file), JSON.stringify({ ...json, ...change(json) }));
  return folder;
}

describe("a checkpoint of Video-LLaVA", () => {
  const videoTower = "LanguageBind_Video_merge/config.json";
  const tower = (fields: object) => (json: Record<string, never>) => ({
    vision_config: { ...(json.vision_config as object), ...fields },
  });

  it("is refused where its weights look across frames and its settings do not", async () => {
    const folder = await changed(original, videoTower, tower({ add_time_attn: false }));
    await expect(planConversion(folder)).rejects.toMatchObject({
      code: "INVALID_FILE",
      message: expect.stringMatching(/does not have.*temporal/),
    });
  });

  it("is refused where its settings are of another number of frames than its weights", async () => {
    const folder = await changed(original, videoTower, tower({ num_frames: 4 }));
    await expect(planConversion(folder)).rejects.toMatchObject({
      code: "INVALID_FILE",
      message: expect.stringMatching(/temporal_embedding.*\[1, 4, 24\].*\[1, 8, 24\]/),
    });
  });

  it("is refused without its towers' settings, which may lie in a folder that is named", async () => {
    const folder = await mkdtemp(join(work, "checkpoint-"));
    await cp(original, folder, { recursive: true });
    await rm(join(folder, "LanguageBind_Video_merge"), { recursive: true });
    await expect(planConversion(folder)).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringMatching(
        /--vision-tower.*LanguageBind_Video_merge\/config\.json.*no LanguageBind\/LanguageBind_Video_merge/,
      ),
    });
    expect((await planConversion(folder, { visionTower: original })).spec.family).toBe("video-llava");
  });

  it.each([
    ["that chooses frames", { do_sample_frames: true }, /do_sample_frames/],
    [
      "of another size",
      { crop_size: { height: 56, width: 56 }, size: { shortest_edge: 56 } },
      /size 112.*size 56/,
    ],
    ["of another mean", { image_mean: [0.5, 0.5, 0.5] }, /mean/],
  ])("of transformers is refused with a video processor %s", async (_, fields, message) => {
    const folder = await changed(ported, "processor_config.json", (json) => ({
      video_processor: { ...(json.video_processor as object), ...fields },
    }));
    await expect(planConversion(folder)).rejects.toMatchObject({
      code: "UNSUPPORTED_MODEL",
      message: expect.stringMatching(message),
    });
  });
});

/** Frames of one size that differ from each other. */
function clip(count: number, side: number): Picture[] {
  return Array.from({ length: count }, (_, frame) => ({
    width: side,
    height: side,
    data: Uint8Array.from({ length: 3 * side * side }, (_, at) => (at * (frame + 3)) % 251),
  }));
}

describe("Video-LLaVA", () => {
  it("of its authors takes 8 frames and no other number, and counts their class tokens unreduced alone", async () => {
    const folder = await convert(original, join(work, "original"), { dtype: "q8" });
    await using model = await loadModel(folder.path, { worker: false });
    const door = runFamily(model.spec).video!(model.spec);
    expect(door).toMatchObject({ sampling: { rule: "linspace", count: 8 }, fixed: true });
    const pixels = door.show(clip(8, 32), model.preprocessing);
    await expect(model.see(door.show(clip(4, 32), model.preprocessing))).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringMatching(/expected 8, found 4/),
    });
    const all = await model.see(pixels, noReduction(), { positions: "original" });
    expect(all.statistics).toMatchObject({ unreducedTokens: 520, visualTokens: 520, inGraph: true });
    expect(all.statistics.views).toEqual(Array(8).fill({ patches: 64, visualTokens: 65 }));
    expect(all.place).toBeUndefined();
    const fixed = await model.see(pixels, pruMerge({ tokens: 72 }), { positions: "original" });
    expect(fixed.statistics.views).toEqual(Array(8).fill({ patches: 64, visualTokens: 9 }));
    expect(fixed.place!.advance).toBe(520);
    // Of frame 1 the first patch stands behind 65 rows of frame 0 and a class token.
    const kept = await model.see(pixels, uniformSampling({ tokens: 512 }), { positions: "original" });
    expect(kept.place!.at[64]).toBe(66);
    const parted = framesApart(fixed, " ").parted!;
    expect(parted.texts).toEqual(["", ...Array(7).fill(" "), ""]);
    expect(parted.runs.map(({ embeddings }) => embeddings.rows)).toEqual(Array(8).fill(9));
    expect(parted.runs.reduce((sum, { place }) => sum + place!.advance, 0)).toBe(520);
  });

  it("of transformers takes any number of frames, each once, and reduces them by themselves or at once", async () => {
    const folder = await convert(ported, join(work, "ported"), { dtype: "q8" });
    await using model = await loadModel(folder.path, { worker: false });
    const door = runFamily(model.spec).video!(model.spec);
    expect(door).toMatchObject({ sampling: { rule: "arange", count: 8, once: true }, fixed: false });
    const pixels = door.show(clip(8, 112), model.preprocessing);
    const unreduced = await model.see(pixels, noReduction(), { signals: true });
    const row = ({ embeddings }: VisualTokens, at: number) =>
      embeddings.data.subarray(at * embeddings.columns, (at + 1) * embeddings.columns);

    // One plan over all frames: rows are those of its patches, frame after frame.
    const chosen = await model.see(pixels, acrossFrames(divPrune({ tokens: 40 })));
    const kept = chosen.plan.keptPatches;
    expect([...kept]).toEqual([...kept].sort((a, b) => a - b));
    kept.forEach((site, at) => {
      // In the unreduced prompt each frame's patches stand behind its class token.
      expect(row(chosen, at)).toEqual(row(unreduced, site + Math.floor(site / 64) + 1));
    });
    expect(chosen.statistics.visualTokens).toBe(40);
    expect(chosen.statistics.views!.reduce((sum, { visualTokens }) => sum + visualTokens, 0)).toBe(40);
    const each = await model.see(pixels, divPrune({ tokens: 40 }));
    expect(each.statistics.views).toEqual(Array(8).fill({ patches: 64, visualTokens: 5 }));
    expect(String(each.plan.keptPatches)).not.toBe(String(kept));

    // PruMerge's rows come by attention: by frames here, with the row that stands on no patch last.
    const merged = await model.see(pixels, acrossFrames(pruMerge({ tokens: 33 })), { positions: "original" });
    const frames = Array.from(merged.plan.keptPatches, (site) => (site < 0 ? 8 : Math.floor(site / 64)));
    expect(frames).toEqual([...frames].sort((a, b) => a - b));
    expect(frames.at(-1)).toBe(8);
    expect(merged.embeddings.rows).toBe(33);
    const patches = {
      rows: 512,
      columns: 48,
      data: Float32Array.from(unreduced.signals!.flatMap((frame) => [...frame!.patches.data])),
    };
    const engine = await loadEngine(folder.path, { worker: false });
    const expected = await engine.project(applyPlan(merged.plan, patches));
    await engine.dispose();
    expect(merged.embeddings.data).toEqual(expected.data);

    const still = await model.see(pixels, dyCoke());
    expect(still.statistics.views!.map(({ visualTokens }) => visualTokens)).toEqual([
      64, 19, 19, 19, 64, 19, 19, 19,
    ]);
    const three = await model.see(door.show(clip(3, 50), model.preprocessing), noReduction());
    expect(three.embeddings.rows).toBe(3 * 65);
  });
});
