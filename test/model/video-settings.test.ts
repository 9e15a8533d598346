import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadModel, type Video } from "prumerge";
import { convert } from "prumerge/convert";
import { decodePicture } from "prumerge/image";
import { noReduction } from "prumerge/reduce";
import { afterAll, describe, expect, it } from "vitest";
import { goldenPath } from "../support/checkpoint-folder.js";
import { exportedFolder } from "../support/exported-folder.js";

const fixtures = fileURLToPath(new URL("../fixtures/qwen-video/", import.meta.url));
const cases = JSON.parse(readFileSync(join(fixtures, "settings.json"), "utf8")) as {
  model: "qwen2" | "qwen3";
  settings: Record<string, unknown>;
  grid: [number, number, number];
}[];
const models = {
  qwen2: "qwen2_vl/tiny-qwen2vl",
  qwen3: "qwen3_vl/tiny-qwen3vl",
  onevision: "llava_onevision/tiny-ov-qwen2",
  smolvlm: "smolvlm/tiny-smolvlm",
} as const;
const folder = mkdtempSync(join(tmpdir(), "prumerge-video-settings-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = "video_preprocessor_config.json";
let made = 0;

/** A checkpoint with a video processor of these settings, converted. */
async function converted(name: keyof typeof models, settings: object) {
  const source = join(folder, `source-${made}`);
  cpSync(goldenPath(models[name]), source, { recursive: true });
  writeFileSync(join(source, file), JSON.stringify(settings));
  return convert(source, join(folder, `model-${made++}`), { dtype: "fp32" });
}

async function clip(): Promise<Video> {
  const strip = await decodePicture(join(fixtures, "frames.png"));
  const { width } = strip;
  const height = strip.height / 5;
  const frames = [0, 1, 2, 3, 4].map((at) => ({
    width,
    height,
    data: strip.data.subarray(at * width * height * 3, (at + 1) * width * height * 3),
  }));
  return { kind: "video", take: async () => ({ frames, indices: [0, 1, 2, 3, 4], total: 5, notes: [] }) };
}

const gridOf = async (path: string) => {
  const model = await loadModel(path);
  try {
    const { sites } = await model.see(await clip(), noReduction());
    const { rows, columns } = sites.regions[0]!;
    return { grid: [sites.regions.length, rows * 2, columns * 2], sampling: model.videoSampling };
  } finally {
    await model.dispose();
  }
};

describe("a checkpoint's video processor", () => {
  it.each(cases)("says how many pixels a frame has: $model $settings", async ({ model, settings, grid }) => {
    const { path } = await converted(model, settings);
    expect((await gridOf(path)).grid).toEqual(grid);
    expect(JSON.parse(readFileSync(join(path, file), "utf8"))).toEqual(settings);
  }, 30_000);

  it("is read beside graphs of another program, too", async () => {
    const { settings, grid } = cases[0]!;
    const path = exportedFolder("qwen2-vl", join(folder, "exported"));
    writeFileSync(join(path, file), JSON.stringify(settings));
    expect((await gridOf(path)).grid).toEqual(grid);
  }, 30_000);

  it("says which frames are taken, and not how in any other way", async () => {
    const sampling = async (name: keyof typeof models, settings: object) => {
      const model = await loadModel((await converted(name, settings)).path);
      await model.dispose();
      return model.videoSampling;
    };
    const usual = { rule: "arange-float32", count: 768, fps: 2, minimum: 4, multiple: 2 };
    expect(await sampling("qwen2", {})).toEqual(usual);
    expect(await sampling("qwen2", { fps: 1, max_frames: 64, min_frames: 2 })).toEqual({
      ...usual,
      count: 64,
      fps: 1,
      minimum: 2,
    });
    expect(await sampling("qwen2", { num_frames: 8 })).toEqual({
      rule: "arange-float32",
      count: 8,
      multiple: 2,
    });
    expect(
      await sampling("onevision", {
        video_processor_type: "LlavaOnevisionVideoProcessor",
        size: { height: 52, width: 52 },
        image_mean: [0.5, 0.5, 0.5],
        image_std: [0.5, 0.5, 0.5],
        num_frames: 16,
      }),
    ).toEqual({ rule: "linspace", count: 16 });
  }, 60_000);

  const refusals: [string, keyof typeof models, object, string, RegExp][] = [
    [
      "another mean",
      "qwen2",
      { image_mean: [0.5, 0.5, 0.5] },
      "UNSUPPORTED_MODEL",
      /video processor unlike the image processor.*mean/,
    ],
    ["another patch", "qwen2", { patch_size: 16 }, "UNSUPPORTED_MODEL", /expected size 28, found size 32/],
    [
      "three frames at once",
      "qwen2",
      { temporal_patch_size: 3 },
      "UNSUPPORTED_MODEL",
      /temporal_patch_size.*expected 2, found 3/,
    ],
    [
      "a bound over the whole video",
      "qwen2",
      { cap_pixels_per_frame: true },
      "UNSUPPORTED_MODEL",
      /cap_pixels_per_frame/,
    ],
    [
      "limits that no frame meets",
      "qwen2",
      { min_pixels: 9000, max_pixels: 4000 },
      "INVALID_FILE",
      /no frame has an area/,
    ],
    ["one limit alone", "qwen3", { size: { shortest_edge: 4096 } }, "INVALID_FILE", /no frame has an area/],
    ["a rate of none", "qwen2", { fps: 0 }, "INVALID_FILE", /fps.*above 0, found 0/],
    ["a rate beside a number", "qwen2", { fps: 1, num_frames: 4 }, "INVALID_FILE", /none beside num_frames/],
    [
      "a part of a frame",
      "onevision",
      { num_frames: 1.5, size: { height: 52, width: 52 }, image_mean: 0.5, image_std: 0.5 },
      "INVALID_FILE",
      /num_frames/,
    ],
    [
      "frames of another size",
      "onevision",
      { size: { height: 104, width: 104 }, image_mean: 0.5, image_std: 0.5 },
      "UNSUPPORTED_MODEL",
      /expected size 52, found size 104/,
    ],
  ];
  it.each(refusals)("is refused by name for %s", async (_, name, settings, code, message) => {
    await expect(converted(name, settings)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it("is said where it holds what is not read, or belongs to a family that watches no videos", async () => {
    const notes = async (name: keyof typeof models, settings: object) => {
      const source = join(folder, `noted-${made++}`);
      cpSync(goldenPath(models[name]), source, { recursive: true });
      writeFileSync(join(source, file), JSON.stringify(settings));
      const { planConversion } = await import("prumerge/convert");
      return (await planConversion(source, { dtype: "fp32" })).notes;
    };
    expect(await notes("qwen2", { sparkle: 3 })).toContainEqual(
      expect.stringMatching(/settings of videos that are not read: sparkle/),
    );
    expect(await notes("smolvlm", { fps: 1 })).toContainEqual(
      expect.stringMatching(/passed over.*shown no videos/),
    );
  });
});
