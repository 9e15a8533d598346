import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { type FrameSampling, loadModel, noReduction, openVideo, type Picture, pruMerge } from "prumerge";
import { convert } from "prumerge/convert";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCode } from "../goldens/video-frames/codes.js";
import { goldenPath } from "../support/checkpoint-folder.js";
import { hasFfmpeg } from "../support/ffmpeg.js";
import { type BuiltPage, buildPage } from "./build-page.js";
import { launchChromium, openWatched, type WatchedPage } from "./chromium.js";
import { type StaticServer, serveFolder } from "./static-server.js";

type Library = typeof import("prumerge/browser");
interface Scope {
  readonly prumerge: Library;
  model: Awaited<ReturnType<Library["loadModel"]>>;
}

const fixture = (path: string) => fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));
const clip = (name: string) => fixture(`goldens/video_frames/clips/${name}`);
const bad = (name: string) => fixture(`video/bad/${name}`);
const base64 = (path: string) => readFileSync(path).toString("base64");
const scratch = mkdtempSync(join(tmpdir(), "prumerge-page-videos-"));
const four: FrameSampling = { rule: "linspace", count: 4 };

interface Taken {
  readonly indices: readonly number[];
  readonly seconds?: readonly number[];
  readonly total: number;
  readonly notes: readonly string[];
  readonly frames: readonly Picture[];
}

let built: BuiltPage;
let server: StaticServer;
let whole: StaticServer;
let browser: Browser;
let watched: WatchedPage;
beforeAll(async () => {
  built = await buildPage("test/page/harness");
  server = await serveFolder(built.folder, { isolated: true, parts: true });
  browser = await launchChromium();
  watched = await openWatched(browser, server.url);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await whole?.close();
  built?.remove();
  rmSync(scratch, { recursive: true, force: true });
});

/** The frames of a file, of an address, or what it is refused with. */
async function take(
  source: { readonly path: string } | { readonly address: string },
  sampling: FrameSampling,
  options: Parameters<Library["openVideo"]>[1] = {},
): Promise<Taken | string> {
  const data = "path" in source ? { data: base64(source.path) } : source;
  const taken = await watched.page.evaluate(
    async ([given, wish, limits]) => {
      const { prumerge } = globalThis as unknown as Scope;
      try {
        const file =
          "data" in given
            ? new Blob([Uint8Array.from(atob(given.data), (letter) => letter.charCodeAt(0))])
            : given.address;
        const { frames, ...rest } = await prumerge.openVideo(file, limits).take(wish);
        const texts = frames.map(({ width, height, data }) => {
          let text = "";
          for (let at = 0; at < data.length; at += 30_000)
            text += btoa(String.fromCharCode(...data.subarray(at, at + 30_000)));
          return { width, height, text };
        });
        return { ...rest, frames: texts };
      } catch (error) {
        return prumerge.PrumergeError.isInstance(error) ? `${error.code} ${error.message}` : String(error);
      }
    },
    [data, sampling, options] as const,
  );
  if (typeof taken === "string") return taken;
  const frames = taken.frames.map(({ text, ...size }) => ({ ...size, data: Buffer.from(text, "base64") }));
  return { ...taken, frames };
}

/** Frames of the browser beside Node's: the same, but for how conversions round. */
function expectSame(found: Taken | string, expected: Taken): void {
  if (typeof found === "string") throw new Error(found);
  expect(found.indices).toEqual(expected.indices);
  expect(found.total).toBe(expected.total);
  expect(found.seconds?.map(toMilliseconds)).toEqual(expected.seconds?.map(toMilliseconds));
  for (const [at, { width, height, data }] of found.frames.entries()) {
    const other = expected.frames[at]!;
    expect([width, height]).toEqual([other.width, other.height]);
    let [most, sum] = [0, 0];
    for (const [place, value] of data.entries()) {
      const level = Math.abs(value - other.data[place]!);
      most = Math.max(most, level);
      sum += level;
    }
    expect(most).toBeLessThanOrEqual(3);
    expect(sum / data.length).toBeLessThan(1.2);
  }
}

const toMilliseconds = (seconds: number) => Math.round(seconds * 1000);

/** A clip of moving patterns, made here. */
function makeClip(name: string, ...words: readonly string[]): string {
  const path = join(scratch, name);
  const pattern = ["-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=5:duration=1"];
  const { status, stderr } = spawnSync("ffmpeg", ["-v", "error", "-y", ...pattern, ...words, path]);
  expect(status, String(stderr)).toBe(0);
  return path;
}

const vp9 = ["-c:v", "libvpx-vp9", "-b:v", "2M", "-cpu-used", "8"];

describe.runIf(hasFfmpeg())("frames in a browser are those of Node", () => {
  it("loads what takes files apart with the first of them", async () => {
    const asked = () =>
      watched.requests.filter((request) => /mediabunny|src-[\w-]+\.js/.test(request)).length;
    const before = watched.requests.length;
    await take({ path: clip("anim.gif") }, four);
    expect(watched.requests.slice(before)).toEqual([]);
    await take({ path: clip("vp9.webm") }, four);
    expect(watched.requests.length).toBeGreaterThan(before);
    expect(asked()).toBeLessThan(3);
  });

  it.each([
    ...["av1.mp4", "vp8.webm", "vp9.webm", "vfr.webm", "anim.gif", "anim.png", "anim.webp"],
    ...["h264.mp4", "h264-frag.mp4", "h264.mkv", "h264.mov", "h264-audio.mp4", "vfr.mp4", "edit-list.mp4"],
    ...["rotated-90.mp4", "rotated-180.mp4", "rotated-270.mp4", "bt709.mp4", "non-square.mp4"],
    ...["odd-size.mp4", "five-frames.mp4", "one-frame.mp4", "truncated-faststart.mp4"],
  ])("%s", async (name) => {
    const expected = await openVideo(clip(name)).take(four);
    const found = await take({ path: clip(name) }, four);
    if (/^(?!av1|v|anim)/.test(name) && !(await decodes("avc1.64000a"))) {
      expect(found).toMatch(/^INVALID_VIDEO .*this browser does not decode the video.* found avc/);
      return;
    }
    expectSame(found, expected);
    expect((found as Taken).notes.length).toBe(expected.notes.length);
    if (name !== "edit-list.mp4") expect((found as Taken).frames.map(readCode)).toEqual(expected.indices);
  });

  it.each<[string, string, readonly string[]]>([
    ["of a large clip that says nothing of its colours", "plain.webm", vp9],
    ["with colours for each pixel", "444.webm", [...vp9, "-pix_fmt", "yuv444p"]],
    ["of the whole range", "full.webm", [...vp9, "-vf", "scale=out_range=full", "-color_range", "pc"]],
    ["that says it in its stream alone", "tagged.webm", [...vp9, "-colorspace", "bt709"]],
    [
      "with frames that are never shown",
      "hidden.webm",
      ["-c:v", "libvpx", "-b:v", "1M", "-auto-alt-ref", "1"],
    ],
  ])("%s", async (_, name, words) => {
    const path = makeClip(name, ...words);
    expectSame(await take({ path }, four), await openVideo(path).take(four));
  });

  it("by frames per second, of a clip without a length, and by every rule alike", async () => {
    const rated: FrameSampling = { rule: "linspace-rounded", count: 768, fps: 2 };
    for (const name of ["vfr.webm", "one-frame.mp4"])
      expectSame(await take({ path: clip(name) }, rated), await openVideo(clip(name)).take(rated));
    const many: FrameSampling = { rule: "linspace", count: 30 };
    expectSame(await take({ path: clip("vp9.webm") }, many), await openVideo(clip("vp9.webm")).take(many));
    const path = bad("no-length.mkv");
    expectSame(await take({ path }, four), await openVideo(path).take(four));
  });

  it("from an address, in parts where its server gives out parts, and whole", async () => {
    copyFileSync(clip("vp9.webm"), join(built.folder, "clip.webm"));
    copyFileSync(clip("anim.gif"), join(built.folder, "clip.gif"));
    copyFileSync(bad("encrypted.mp4"), join(built.folder, "encrypted.mp4"));
    const expected = await openVideo(clip("vp9.webm")).take(four);
    expectSame(await take({ address: "clip.webm" }, four), expected);
    expectSame(await take({ address: "clip.gif" }, four), await openVideo(clip("anim.gif")).take(four));
    expect(await take({ address: "encrypted.mp4" }, four)).toMatch(/^INVALID_VIDEO .*encrypted/);
    expect(await take({ address: "nowhere.mp4" }, four)).toMatch(/^NOT_FOUND/);
    expect(await take({ address: "clip.webm" }, four, { maxBytes: 1000 })).toMatch(/^LIMIT_EXCEEDED/);
    whole = await serveFolder(built.folder, { isolated: true });
    const other = await openWatched(browser, whole.url);
    const total = await other.page.evaluate(
      async (wish) =>
        (await (globalThis as unknown as Scope).prumerge.openVideo("clip.webm").take(wish)).total,
      four,
    );
    expect(total).toBe(40);
    await other.close();
  });
});

/** Whether this browser has a decoder. */
function decodes(codec: string): Promise<boolean> {
  return watched.page.evaluate(
    async (name) => (await VideoDecoder.isConfigSupported({ codec: name })).supported === true,
    codec,
  );
}

describe("what is no video that is read, or too much of one, is refused", () => {
  it.each<[string, string, RegExp]>([
    ["encrypted", bad("encrypted.mp4"), /^INVALID_VIDEO .*encrypted/],
    ["a playlist", bad("playlist.mp4"), /^INVALID_VIDEO .*M3U playlist, which names other files/],
    ["a list of files", bad("list.mp4"), /^INVALID_VIDEO .*list of files for ffmpeg/],
    ["a picture", bad("picture.mp4"), /^INVALID_VIDEO .*found PNG, a picture/],
    ["text", clip("not-a-video.mp4"), /^INVALID_VIDEO .*found text/],
    ["empty", clip("empty.mp4"), /^INVALID_VIDEO .*an empty file/],
    ["sound", clip("audio-only.mp4"), /^INVALID_VIDEO .*sound without pictures/],
    ["without its index", clip("truncated-moov-lost.mp4"), /^INVALID_VIDEO .*index/],
    ["AVI", clip("mpeg4.avi"), /^INVALID_VIDEO .*expected MP4, MOV, WebM.*ffmpeg -i clip.avi clip.mp4/],
    ["a codec that this browser lacks", clip("hevc.mp4"), /^INVALID_VIDEO .*found hevc \(.*libvpx-vp9/],
    ["cut off in its first part", clip("truncated.webm"), /^INVALID_VIDEO .*ends early: 922 bytes/],
  ])("%s", async (_, path, message) => {
    const found = await take({ path }, four);
    expect(found).toMatch(message);
    expect(String(found).length).toBeLessThan(600);
  });

  it.each<[string, string, Parameters<Library["openVideo"]>[1], RegExp]>([
    ["of 10 hours", bad("ten-hours.mp4"), {}, /too long; expected at most 3600 s, found 36000 s/],
    ["of 16K", bad("sixteen-k.webm"), {}, /too large; expected at most 40000000 pixels, found 16384 x 4320/],
    [
      "of more seconds than its header says",
      bad("no-length.mkv"),
      { maxSeconds: 5 },
      /at most 5 s, found \d/,
    ],
    ["of too many frames", clip("vp9.webm"), { maxFrames: 20 }, /too many frames/],
    ["of too many bytes", clip("vp9.webm"), { maxBytes: 1000 }, /at most 1000 bytes, found 2303/],
    [
      "of which too much is asked",
      clip("vp9.webm"),
      { maxTakenPixels: 4 * 96 * 64 - 1 },
      /4 frames of 96 x 64/,
    ],
    ["animation of too many frames", clip("anim.gif"), { maxFrames: 3 }, /too many frames/],
    ["that takes too long", clip("vp9.webm"), { maxDecodeSeconds: 0.001 }, /takes too long/],
  ])("one %s", async (_, path, limits, message) => {
    expect(await take({ path }, four, limits)).toMatch(new RegExp(`^LIMIT_EXCEEDED .*${message.source}`));
  });

  it("is left off on a signal", async () => {
    const reason = await watched.page.evaluate(
      async ([data, wish]) => {
        const { prumerge } = globalThis as unknown as Scope;
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        const stop = new AbortController();
        const taking = prumerge.openVideo(bytes).take(wish, { signal: stop.signal });
        setTimeout(() => stop.abort(), 5);
        return taking.then(
          () => "nothing",
          (error) => error.name,
        );
      },
      [base64(clip("vp9.webm")), { ...four, count: 400 }] as const,
    );
    expect(reason).toBe("AbortError");
  });
});

describe.runIf(hasFfmpeg())("a model that watches videos", () => {
  const folder = join(scratch, "model");
  beforeAll(async () => {
    await convert(goldenPath("llava_onevision/tiny-ov-qwen2"), folder, { dtype: "fp32", workers: 0 });
    const name = "watching";
    await convert(goldenPath("llava_onevision/tiny-ov-qwen2"), join(built.folder, name), {
      dtype: "fp32",
      workers: 0,
    });
    await watched.page.evaluate(async (address) => {
      const scope = globalThis as unknown as Scope;
      scope.model = await scope.prumerge.loadModel(address, { device: "wasm" });
    }, name);
  });

  it("sees in a file what it sees in Node, whatever the file is called, and answers about it", async () => {
    const model = await loadModel(folder, { worker: false });
    const seen = await model.see(openVideo(clip("vp9.webm")), noReduction(), { sampling: { count: 4 } });
    const reduced = await model.see(openVideo(clip("vp9.webm")), pruMerge({ tokens: 20 }), {
      sampling: { count: 4 },
    });
    const found = await watched.page.evaluate(
      async (data) => {
        const { prumerge, model } = globalThis as unknown as Scope;
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        const file = new File([bytes], "picture.jpg", { type: "image/jpeg" });
        const sampling = { count: 4 };
        const all = await model.see(file, prumerge.noReduction(), { sampling });
        const tokens = await model.see(file, prumerge.pruMerge({ tokens: 20 }), { sampling });
        const answer = await model.answer(tokens, "What happens?", { maxNewTokens: 3 }).result;
        return {
          views: tokens.statistics.views,
          indices: tokens.video!.indices,
          embeddings: [...all.embeddings.data],
          answered: answer.tokenIds.length,
        };
      },
      base64(clip("vp9.webm")),
    );
    expect(found.indices).toEqual(seen.video!.indices);
    expect(found.views).toEqual(reduced.statistics.views);
    const furthest = found.embeddings.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - seen.embeddings.data[at]!)),
      0,
    );
    expect(furthest).toBeLessThan(0.2);
    expect(found.answered).toBeGreaterThan(0);
    await model.dispose();
  });

  it("takes lists of pictures, addresses, and an animation's frames where they are spoken of", async () => {
    copyFileSync(clip("vp9.webm"), join(built.folder, "clip.webm"));
    copyFileSync(clip("anim.gif"), join(built.folder, "clip.gif"));
    const found = await watched.page.evaluate(async () => {
      const { prumerge, model } = globalThis as unknown as Scope;
      const see = async (source: Parameters<typeof model.prepare>[0], sampling?: { count: number }) =>
        (await model.see(source, prumerge.noReduction(), sampling ? { sampling } : {})).video?.indices;
      const canvas = new OffscreenCanvas(64, 48);
      canvas.getContext("2d")!.fillRect(0, 0, 30, 30);
      const pixels = canvas.getContext("2d")!.getImageData(0, 0, 64, 48);
      return {
        pictures: await see(prumerge.openVideo([canvas, pixels, await canvas.convertToBlob()]), { count: 3 }),
        address: await see(new URL("clip.webm", document.baseURI), { count: 2 }),
        moving: await see("clip.gif", { count: 2 }),
        still: (await see("clip.gif")) ?? "a picture",
      };
    });
    expect(found).toEqual({ pictures: [0, 1, 2], address: [0, 39], moving: [0, 11], still: "a picture" });
  });

  it("and one that does not says so", async () => {
    const message = await watched.page.evaluate(
      async (data) => {
        const { prumerge } = globalThis as unknown as Scope;
        const model = await prumerge.loadModel("pocket-llava", { device: "wasm" });
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        const refused = await model.see(bytes).then(String, String);
        await model.dispose();
        return refused;
      },
      base64(clip("vp9.webm")),
    );
    expect(message).toMatch(/this model is shown no video/);
  });
});
