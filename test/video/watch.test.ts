import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LoadedModel, loadModel, openVideo } from "prumerge";
import { convert } from "prumerge/convert";
import { decodePicture, preprocessFrames } from "prumerge/image";
import { noReduction, uniformSampling } from "prumerge/reduce";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenPath } from "../support/checkpoint-folder.js";
import { samples } from "../support/command-line.js";
import { hasFfmpeg } from "../support/ffmpeg.js";
import { refusal } from "../support/refusal.js";
import { runInProcess } from "../support/run-in-process.js";

const temporary = mkdtempSync(join(tmpdir(), "prumerge-watch-"));
const folder = join(temporary, "onevision");
const pictures = join(temporary, "pictures");
const paths = [0, 1, 2, 3].map((at) => goldenPath(`llava_onevision/tiny-ov-qwen2-v${at}.png`));
const clip = fileURLToPath(new URL("../fixtures/goldens/video_frames/clips/", import.meta.url));
let model: LoadedModel;

beforeAll(async () => {
  await convert(goldenPath("llava_onevision/tiny-ov-qwen2"), folder, { dtype: "fp32", workers: 0 });
  model = await loadModel(folder, { worker: false });
  mkdirSync(pictures);
  for (const [at, path] of paths.entries()) cpSync(path, join(pictures, `v${at}.png`));
});
afterAll(async () => {
  await model?.dispose();
  rmSync(temporary, { recursive: true, force: true });
});

describe("a model that watches videos", () => {
  it("sees the frames that it is shown by hand, and says which they were", async () => {
    const frames = await Promise.all(paths.map((path) => decodePicture(path)));
    const byHand = await model.see(preprocessFrames(frames, model.preprocessing), noReduction());
    const seen = await model.see(openVideo(pictures), noReduction(), { sampling: { count: 4 } });
    expect(seen.embeddings.data).toEqual(byHand.embeddings.data);
    expect(seen.video).toEqual({
      indices: [0, 1, 2, 3],
      total: 4,
      notes: [],
      sampling: { ...model.videoSampling, count: 4 },
    });
    expect(byHand.video).toBeUndefined();
    const pixels = await model.prepare(openVideo(paths), { sampling: { rule: "floor", count: 2 } });
    expect(pixels.views.map(({ frame }) => frame)).toEqual([0, 1]);
  });

  it("is shown as many frames as its own program takes where nothing is said", async () => {
    const seen = await model.see(openVideo(paths), uniformSampling({ tokens: 64 }));
    expect(seen.video!.indices).toHaveLength(model.videoSampling!.count);
    expect(new Set(seen.video!.indices)).toEqual(new Set([0, 1, 2, 3]));
  });

  it("answers about a video and a picture of one prompt", async () => {
    const reducer = uniformSampling({ tokens: 17 });
    const seen = await model.see([openVideo(paths), paths[0]!], reducer, { sampling: { count: 4 } });
    const { visualTokens } = await model.answer(seen, "What has changed?", { maxNewTokens: 2 }).result;
    expect(visualTokens).toBe(34);
  });

  it("is asked on the command line, with counts of each frame", async () => {
    const words = [
      "ask",
      pictures,
      "What happens?",
      "--model",
      folder,
      "--frames",
      "4",
      "--max-new-tokens",
      "2",
    ];
    const { status, stdout, stderr } = await runInProcess([...words, "--visual-tokens", "21", "--json"]);
    expect([status, stderr]).toEqual([0, ""]);
    const [{ views, video }] = JSON.parse(stdout).pictures;
    expect(views.map((view: { visualTokens: number }) => view.visualTokens)).toEqual([5, 5, 5, 5]);
    expect(video).toMatchObject({
      indices: [0, 1, 2, 3],
      total: 4,
      sampling: { rule: "linspace", count: 4 },
    });
    const compared = await runInProcess([...words, "--compare", "-q"]);
    expect([compared.status, compared.stderr]).toEqual([0, ""]);
    const plain = await runInProcess([...words, "--sampling", "segments"]);
    expect(plain.stderr).toMatch(/visual tokens of 4 frames; first token/);
  });

  it("is encoded, chatted about and inspected", async () => {
    const npy = join(temporary, "tokens.npy");
    const options = ["--model", folder, "--frames", "3", "--visual-tokens", "16"];
    expect(await runInProcess(["encode", pictures, "-o", npy, ...options, "-q"])).toMatchObject({
      status: 0,
    });
    expect(readFileSync(npy).toString("latin1", 0, 128)).toContain("(16, 64)");
    const talk = await runInProcess(["chat", ...options, "--max-new-tokens", "1"], {
      input: `/picture ${pictures}\nWhat happens?\n/quit\n`,
    });
    expect(talk.stderr).toMatch(/16 of \d+ visual tokens of 3 frames\./);
    for (const [ending, pattern] of [
      ["html", /<input type="range" min="0" max="2"[\s\S]*frame 3: 5 visual tokens/],
      ["svg", /16 of 49 visual tokens \(33 %\) of 3 of 4 frames/],
      ["json", /"format":"prumerge-video-inspection"/],
      ["png", /PNG/],
    ] as const) {
      const path = join(temporary, `film.${ending}`);
      const { status, stderr } = await runInProcess(["inspect", pictures, "-o", path, ...options]);
      expect([status, stderr]).toEqual([0, expect.stringContaining("16 of 49 visual tokens")]);
      expect(readFileSync(path, "latin1")).toMatch(pattern);
    }
    const film = JSON.parse(readFileSync(join(temporary, "film.json"), "utf8"));
    expect(film.frames.map(({ frame }: { frame: number }) => frame)).toEqual([0, 1, 3]);
    expect(film.frames.flatMap(({ tokens }: { tokens: unknown[] }) => tokens)).toHaveLength(15);
    const { stdout } = await runInProcess(["inspect", pictures, ...options, "-q"]);
    expect(stdout).toMatch(/^prumerge\+: 16 of 49 visual tokens \(33 %\) of 3 of 4 frames\n/);
    expect(stdout.match(/^frame \d: 5 visual tokens$/gm)).toHaveLength(3);
  });

  it.runIf(hasFfmpeg())("is shown a video file, which says what is missing of it", async () => {
    const words = ["--model", folder, "--frames", "2", "--max-new-tokens", "1"];
    const { status, stderr } = await runInProcess(["ask", `${clip}truncated.webm`, "What?", ...words]);
    expect(stderr).toMatch(/Note: The video is damaged or ends early: 19 of about 40 frames/);
    expect(status).toBe(0);
    const rated = await runInProcess([
      "ask",
      `${clip}h264.mp4`,
      "What?",
      "--model",
      folder,
      "--fps",
      "2",
      "--json",
    ]);
    expect(JSON.parse(rated.stdout).pictures[0].video.indices).toEqual([0, 19, 39]);
  });

  it("is shown an animation's frames where these are spoken of, and else its first", async () => {
    const words = ["ask", `${clip}anim.gif`, "What?", "--model", folder, "--max-new-tokens", "1", "--json"];
    expect(JSON.parse((await runInProcess(words)).stdout).pictures[0].video).toBeUndefined();
    const { stdout } = await runInProcess([...words, "--frames", "2"]);
    expect(JSON.parse(stdout).pictures[0].video).toMatchObject({
      indices: [0, 11],
      seconds: [0, 1.16],
      total: 12,
    });
  });
});

describe("what watches no video", () => {
  it("is refused by name, and so are frames where there is no video", async () => {
    const bundled = await loadModel();
    expect(bundled.videoSampling).toBeUndefined();
    const error = await refusal("INVALID_OPTION", () => bundled.see(openVideo(paths)));
    await bundled.dispose();
    expect(error.message).toMatch(/this model is shown no video/);
    const bear = join(samples, "sample_3.png");
    const asked = await runInProcess(["ask", bear, "What?", "--frames", "4"]);
    expect(asked.stderr).toMatch(/--frames: there is no video that this could be said of/);
    const alone = await runInProcess(["ask", "What?", "--sampling", "floor"]);
    expect(alone.stderr).toMatch(/--sampling: there is no picture/);
    const missing = await runInProcess(["ask", "none.mp4", "What?"]);
    expect(missing.stderr).toMatch(/none\.mp4: no such picture/);
  });
});
