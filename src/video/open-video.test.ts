import {
  appendFileSync,
  copyFileSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCode } from "../../test/goldens/video-frames/codes.js";
import { hasFfmpeg } from "../../test/support/ffmpeg.js";
import { refusal } from "../../test/support/refusal.js";
import { decodePicture } from "../image/decode.js";
import { openVideo, type VideoOptions } from "./open-video.js";
import type { FrameSampling } from "./sampling.js";

const fixtures = fileURLToPath(new URL("../../test/fixtures", import.meta.url));
const clip = (name: string) => join(fixtures, "goldens/video_frames/clips", name);
const bad = (name: string) => join(fixtures, "video/bad", name);
const scratch = mkdtempSync(join(tmpdir(), "prumerge-open-video-"));
const temporary = join(scratch, "temporary");
mkdirSync(temporary);
const { TMPDIR: usual } = process.env;
beforeAll(() => {
  process.env.TMPDIR = temporary; // where bytes are spooled to
});
afterAll(() => {
  if (usual === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = usual;
  rmSync(scratch, { recursive: true, force: true });
});

const four: FrameSampling = { rule: "linspace", count: 4 };

describe.runIf(hasFfmpeg())("a video file", () => {
  it("gives the frames that are asked for, again and again", async () => {
    const video = openVideo(clip("h264.mp4"));
    const { frames, indices, seconds, total, notes } = await video.take(four);
    expect(indices).toEqual([0, 13, 26, 39]);
    expect(frames.map(readCode)).toEqual([0, 13, 26, 39]);
    expect(seconds!.map((second) => Math.round(second * 100))).toEqual([0, 52, 104, 156]);
    expect([total, notes]).toEqual([40, []]);
    const rated = await video.take({ rule: "linspace-rounded", count: 768, fps: 2 });
    expect(rated.frames.map(readCode)).toEqual([0, 20, 39]);
  });

  it("is one from its bytes, a Blob, a URL and under any name, and leaves nothing behind", async () => {
    const bytes = readFileSync(clip("vp9.webm"));
    const misnamed = join(scratch, "-i notes & more %03d.txt");
    copyFileSync(clip("vp9.webm"), misnamed);
    for (const source of [bytes, new Blob([bytes]), pathToFileURL(misnamed), misnamed]) {
      expect((await openVideo(source).take(four)).frames.map(readCode)).toEqual([0, 13, 26, 39]);
    }
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("is counted by what is in it, where its header says nothing or something else", async () => {
    expect((await openVideo(bad("no-length.mkv")).take(four)).total).toBe(12);
    const { frames, total } = await openVideo(bad("two-sizes.mpegts")).take({ rule: "linspace", count: 64 });
    expect(total).toBe(19);
    expect(new Set(frames.map(({ width, height }) => `${width} x ${height}`))).toEqual(new Set(["64 x 48"]));
  });

  it("is one from a stream of Node or of the web, which is let go past the limits", async () => {
    const bytes = readFileSync(clip("vp9.webm"));
    for (const stream of [createReadStream(clip("vp9.webm")), new Blob([bytes]).stream()]) {
      const video = openVideo(stream as ReadableStream<Uint8Array>);
      expect((await video.take(four)).frames.map(readCode)).toEqual([0, 13, 26, 39]);
      expect((await refusal("INVALID_OPTION", () => video.take(four))).message).toMatch(/read once/);
    }
    let given = 0;
    const endless = new Readable({
      read() {
        given += 1000;
        this.push(Buffer.alloc(1000));
      },
    });
    await refusal("LIMIT_EXCEEDED", () => openVideo(endless, { maxBytes: 20_000 }).take(four));
    expect([endless.destroyed, given < 200_000]).toEqual([true, true]);
    const silent = () => new Readable({ read: () => undefined });
    const late = await refusal("LIMIT_EXCEEDED", () =>
      openVideo(silent(), { maxDecodeSeconds: 0.05 }).take(four),
    );
    expect(late.message).toMatch(/takes too long/);
    const stop = AbortSignal.timeout(30);
    const left = silent();
    await refusal("ABORTED", () => openVideo(left).take(four, { signal: stop }));
    expect(left.destroyed).toBe(true);
    let cancelled = false;
    const stalled = new ReadableStream<Uint8Array>({
      cancel() {
        cancelled = true;
      },
    });
    await refusal("ABORTED", () => openVideo(stalled).take(four, { signal: AbortSignal.timeout(30) }));
    expect(cancelled).toBe(true);
    const words = Readable.from(["words"]);
    expect((await refusal("INVALID_OPTION", () => openVideo(words).take(four))).message).toMatch(/no bytes/);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it.each<[string, string, RegExp]>([
    ["encrypted", bad("encrypted.mp4"), /encrypted/],
    ["a playlist", bad("playlist.mp4"), /M3U playlist, which names other files/],
    ["a list of files", bad("list.mp4"), /list of files for ffmpeg/],
    ["a picture", bad("picture.mp4"), /found PNG, a picture\. Ask/],
    ["text", clip("not-a-video.mp4"), /found text/],
    ["empty", clip("empty.mp4"), /an empty file/],
    ["sound", clip("audio-only.mp4"), /sound without pictures/],
    ["without its index", clip("truncated-moov-lost.mp4"), /not a video|index/],
    ["a model", join(fixtures, "goldens/video_frames/clip-pixels.safetensors"), /not a video/],
  ])("is refused: %s", async (_, path, message) => {
    const error = await refusal("INVALID_VIDEO", () => openVideo(path).take(four));
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(600);
  });

  it.each<[string, string, VideoOptions, RegExp]>([
    ["of 10 hours", bad("ten-hours.mp4"), {}, /too long; expected at most 3600 s, found 36000 s/],
    ["of 16K", bad("sixteen-k.webm"), {}, /too large; expected at most 40000000 pixels, found 16384 x 4320/],
    ["of more seconds than its header says", bad("no-length.mkv"), { maxSeconds: 5 }, /found 6 s/],
    ["of too many frames", clip("h264.mp4"), { maxFrames: 20 }, /too many frames/],
    ["of too many bytes", clip("h264.mp4"), { maxBytes: 1000 }, /at most 1000 bytes, found 3477/],
    [
      "of which too much is asked",
      clip("h264.mp4"),
      { maxTakenPixels: 4 * 96 * 64 - 1 },
      /4 frames of 96 x 64/,
    ],
    ["that takes too long", clip("h264.mp4"), { maxDecodeSeconds: 0.001 }, /takes too long/],
  ])("is refused: one %s", async (_, path, limits, message) => {
    const error = await refusal("LIMIT_EXCEEDED", () => openVideo(path, limits).take(four));
    expect(error.message).toMatch(message);
  });

  it("is refused past its limit also as bytes, of which no file is left", async () => {
    const bytes = new Blob([new Uint8Array(5000)]);
    await refusal("LIMIT_EXCEEDED", () => openVideo(bytes, { maxBytes: 4000 }).take(four));
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("says what is damaged or cut off, and uses what there is", async () => {
    for (const [name, some] of [
      ["damaged.mp4", /38 of about 40 frames/],
      ["truncated-faststart.mp4", /12 of about 40 frames/],
      ["truncated.webm", /19 of about 40 frames/],
    ] as const) {
      const { notes, frames } = await openVideo(clip(name)).take(four);
      expect(notes.join("\n")).toMatch(some);
      expect(frames).toHaveLength(4);
    }
  });

  it("that grows while it is read says so", async () => {
    const path = join(scratch, "grows.ts");
    copyFileSync(bad("two-sizes.mpegts"), path);
    const reading = openVideo(path).take(four);
    const writer = setInterval(() => appendFileSync(path, readFileSync(bad("two-sizes.mpegts"))), 10);
    const { notes } = await reading.finally(() => clearInterval(writer));
    expect(notes.join("\n")).toMatch(/changed while it was read/);
  });

  it("whose decoder is killed is an error, and no shorter video", async () => {
    const killed = join(scratch, "ffmpeg");
    writeFileSync(killed, '#!/bin/sh\ncase "$*" in *showinfo*) kill -9 $$ ;; *) exec ffmpeg "$@" ;; esac\n', {
      mode: 0o755,
    });
    const error = await refusal("RUNTIME", () => openVideo(clip("h264.mp4"), { ffmpeg: killed }).take(four));
    expect(error.message).toMatch(/ended before its work was done/);
  });

  it("is given up when nobody waits any more", async () => {
    await refusal("ABORTED", () => openVideo(clip("h264.mp4")).take(four, { signal: AbortSignal.abort() }));
    const later = new AbortController();
    const reading = openVideo(clip("hevc.mp4")).take(four, { signal: later.signal });
    setTimeout(() => later.abort(), 30);
    await refusal("ABORTED", () => reading);
  });

  it("reads no file that the variables of ffmpeg ask it to write", async () => {
    process.env.FFREPORT = `file=${join(scratch, "report.log")}`;
    await openVideo(clip("one-frame.mp4"))
      .take(four)
      .finally(() => delete process.env.FFREPORT);
    expect(readdirSync(scratch)).not.toContain("report.log");
  });
});

describe("a video", () => {
  it("names the line that installs ffmpeg where there is none", async () => {
    const error = await refusal("NOT_FOUND", () =>
      openVideo(clip("h264.mp4"), { ffmpeg: "/nowhere/ffmpeg" }).take(four),
    );
    expect(error.message).toMatch(/no program at \/nowhere\/ffmpeg.*apt-get install ffmpeg/);
  });

  it.each(["anim.gif", "anim.webp"])("is an animation, without ffmpeg: %s", async (name) => {
    const video = openVideo(clip(name), { ffmpeg: "/nowhere/ffmpeg" });
    const { frames, seconds, total } = await video.take({ rule: "linspace", count: 4 });
    expect([total, frames.map(readCode)]).toEqual([12, [0, 3, 7, 11]]);
    expect(seconds).toEqual([0, 0.18, 0.5, 1.16]);
    await refusal("LIMIT_EXCEEDED", () => openVideo(clip(name), { maxFrames: 11 }).take(four));
    await refusal("LIMIT_EXCEEDED", () => openVideo(clip(name), { maxPixels: 6000 }).take(four));
  });

  it("is a folder or a list of pictures, in the order of their numbers", async () => {
    const folder = join(scratch, "pictures");
    mkdirSync(folder);
    const sharp = (await import("sharp")).default;
    for (const index of [0, 1, 2, 9, 10]) {
      const background = { r: index * 10, g: 0, b: 0 };
      await sharp({ create: { width: 8, height: 6, channels: 3, background } })
        .png()
        .toFile(join(folder, `f${index}.png`));
    }
    writeFileSync(join(folder, "notes.txt"), "not a frame");
    const { frames, indices, notes } = await openVideo(folder).take({ rule: "linspace", count: 5 });
    expect(frames.map(({ data }) => data[0])).toEqual([0, 10, 20, 90, 100]);
    expect(indices).toEqual([0, 1, 2, 3, 4]);
    expect(notes).toEqual(["1 other files of the folder are no pictures by their names, and were left out."]);
    const list = await Promise.all(["f9.png", "f2.png"].map((name) => decodePicture(join(folder, name))));
    const taken = await openVideo([...list, join(folder, "f0.png")]).take({ rule: "floor", count: 3 });
    expect(taken.frames.map(({ data }) => data[0])).toEqual([90, 20, 0]);
    const small = { width: 1, height: 1, data: new Uint8Array(3) };
    await refusal("INVALID_VIDEO", () => openVideo([...list, small]).take({ rule: "floor", count: 3 }));
    await refusal("INVALID_VIDEO", () => openVideo([]).take(four));
    await refusal("INVALID_VIDEO", () => openVideo(join(fixtures, "video/bad")).take(four));
    await refusal("INVALID_OPTION", () => openVideo(folder).take({ rule: "linspace", count: 4, fps: 1 }));
  });

  it("is not what is fetched, what is not there, or what is no source at all", async () => {
    await refusal("INVALID_OPTION", () => openVideo("https://example.org/a.mp4").take(four));
    await refusal("INVALID_OPTION", () => openVideo(5 as never));
    await refusal("INVALID_OPTION", () => openVideo("a.mp4", { maxSeconds: 0 }));
    await refusal("INVALID_OPTION", () => openVideo("").take(four));
    await refusal("NOT_FOUND", () => openVideo(join(scratch, "none.mp4")).take(four));
    await refusal("INVALID_OPTION", () => openVideo(clip("h264.mp4")).take({ rule: "linspace", count: 0 }));
  });
});
