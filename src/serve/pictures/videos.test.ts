import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCode } from "../../../test/goldens/video-frames/codes.js";
import { goldenPath } from "../../../test/support/checkpoint-folder.js";
import { hasFfmpeg } from "../../../test/support/ffmpeg.js";
import { type TestServer, testServer } from "../../../test/support/serve.js";
import type { VisualTokensAnswer } from "../../api/index.js";
import { convert } from "../../convert/convert.js";
import { decodePicture } from "../../image/index.js";
import { loadModel } from "../../model/load-model.js";
import type { LoadedModel } from "../../model/model.js";
import { defaultLimits } from "../limits.js";
import type { PictureReport } from "../schema/reduction.js";
import { pictureFetcher } from "./fetch-picture.js";

const clips = fileURLToPath(new URL("../../../test/fixtures/goldens/video_frames/clips/", import.meta.url));
const dataUrl = (name: string) => `data:video/mp4;base64,${readFileSync(clips + name).toString("base64")}`;
const limits = { videoBytes: 20_000, videoSeconds: 60 };
const folder = mkdtempSync(join(tmpdir(), "prumerge-serve-video-"));

let sent = 0;
const site = createServer((request, response) => {
  const type = request.url === "/page" ? "text/html" : "video/mp4";
  response.writeHead(200, { "content-type": type });
  if (request.url === "/clip.mp4") return void response.end(readFileSync(`${clips}h264.mp4`));
  if (request.url === "/page") return void response.end("<p>");
  const timer = setInterval(() => response.write(Buffer.alloc(10_000), () => (sent += 10_000)), 5);
  response.on("close", () => clearInterval(timer));
});

let model: LoadedModel;
let server: TestServer;
let origin: string;
beforeAll(async () => {
  await convert(goldenPath("llava_onevision/tiny-ov-qwen2"), join(folder, "model"), {
    dtype: "fp32",
    workers: 0,
  });
  model = await loadModel(join(folder, "model"), { worker: false });
  origin = await new Promise<string>((resolve) =>
    (site as Server).listen(0, "127.0.0.1", () =>
      resolve(`http://127.0.0.1:${(site.address() as AddressInfo).port}`),
    ),
  );
  const fetchPicture = pictureFetcher({ limits: { ...defaultLimits, ...limits }, allow: [origin] });
  server = await testServer(model, { limits, fetchPicture });
});
afterAll(async () => {
  await server?.close();
  await model?.dispose();
  site.closeAllConnections();
  site.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly error?: { readonly message: string; readonly code: string };
  readonly prumerge: { readonly pictures: readonly PictureReport[] };
}

async function ask(url: string, prumerge: object = {}): Promise<{ status: number; body: Answer }> {
  const content = [
    { type: "video_url", video_url: { url } },
    { type: "text", text: "What happens?" },
  ];
  const messages = [{ role: "user", content }];
  const response = await server.post("/v1/chat/completions", {
    model: "pocket-llava",
    messages,
    max_tokens: 2,
    prumerge,
  });
  return { status: response.status, body: await response.json() };
}

describe.runIf(hasFfmpeg())("video_url", () => {
  it("is watched, out of a data: URL or fetched, and remembered", async () => {
    const wish = { frames: 4, visual_tokens: 21 };
    const { status, body } = await ask(dataUrl("h264.mp4"), wish);
    expect([status, body.error]).toEqual([200, undefined]);
    const [picture] = body.prumerge.pictures;
    expect(picture!.video).toMatchObject({ indices: [0, 13, 26, 39], total: 40, notes: [] });
    expect(picture!.views!.map((view) => view.visual_tokens)).toEqual([5, 5, 5, 5]);
    const again = await ask(`${origin}/clip.mp4`, wish);
    expect(again.body.prumerge.pictures[0]!.remembered).toBe(true);
    const other = await ask(dataUrl("h264.mp4"), { ...wish, sampling: "floor" });
    expect(other.body.prumerge.pictures[0]!).toMatchObject({
      remembered: false,
      video: { indices: [0, 10, 20, 30] },
    });
    const animation = await ask(dataUrl("anim.gif"), { frames: 2 });
    expect(animation.body.prumerge.pictures[0]!.video!.indices).toEqual([0, 11]);
  });

  it("may have one plan over all frames, by the option acrossFrames or a method that looks at them all", async () => {
    const across = await ask(dataUrl("h264.mp4"), {
      frames: 4,
      visual_tokens: 21,
      options: { acrossFrames: true },
    });
    expect(across.body.error).toBeUndefined();
    const [picture] = across.body.prumerge.pictures;
    expect(picture!.options).toMatchObject({ acrossFrames: true });
    expect(picture!.visual_tokens).toBe(21);
    const wish = { frames: 4, method: "prunevid", options: { temporalThreshold: 2 } };
    const wrong = await ask(dataUrl("h264.mp4"), wish);
    expect([wrong.status, wrong.body.error?.message]).toEqual([
      400,
      expect.stringMatching(/temporalThreshold/),
    ]);
    const merged = await ask(dataUrl("h264.mp4"), { frames: 4, method: "dycoke" });
    expect(merged.body.prumerge.pictures[0]!.method).toBe("dycoke");
  });

  it("becomes visual tokens, with what is kept of each frame and the frames themselves", async () => {
    const see = async (more: object) => {
      const request = {
        video_url: { url: dataUrl("h264.mp4") },
        prumerge: { frames: 4, visual_tokens: 21 },
        ...more,
      };
      const response = await server.post("/v1/visual-tokens", request);
      return { status: response.status, body: (await response.json()) as VisualTokensAnswer & Answer };
    };
    const { status, body } = await see({ inspect: true, frame_pictures: true });
    expect([status, body.error]).toEqual([200, undefined]);
    expect(body.picture.video).toMatchObject({ indices: [0, 13, 26, 39], total: 40 });
    expect(body.shape).toEqual([body.picture.visual_tokens, 64]);
    expect(body.regions.map(({ frame }) => frame)).toEqual([0, 1, 2, 3]);
    expect(body.inspection).toBeUndefined();
    const frames = body.film!.frames;
    expect(frames.map(({ frame, seconds }) => [frame, seconds])).toEqual([
      [0, 0],
      [13, 0.52],
      [26, 1.04],
      [39, 1.56],
    ]);
    expect(frames.map(({ inspection }) => inspection.tokens.length)).toEqual([5, 5, 5, 5]);
    const [first] = frames;
    expect(first!.inspection.picture).toMatchObject({ width: 96, height: 64 });
    const codes = frames.map(async ({ picture }) =>
      readCode(await decodePicture(Buffer.from(picture!.split(",")[1]!, "base64"))),
    );
    expect(await Promise.all(codes)).toEqual([0, 13, 26, 39]);
    const plain = await see({});
    expect([plain.status, plain.body.film]).toEqual([200, undefined]);
    const both = await see({ image_url: { url: dataUrl("h264.mp4") } });
    expect([both.status, both.body.error?.message]).toEqual([400, expect.stringMatching(/one of them/)]);
    const neither = await server.post("/v1/visual-tokens", {});
    expect(neither.status).toBe(400);
  });

  it("says what is missing of it", async () => {
    const { body } = await ask(dataUrl("truncated.webm"), { frames: 2 });
    expect(body.prumerge.pictures[0]!.video!.notes[0]).toMatch(/19 of about 40 frames/);
  });

  it.each<[string, string, number, RegExp]>([
    ["text", dataUrl("not-a-video.mp4"), 400, /^video: not a video|not a video that is read/],
    ["sound", dataUrl("audio-only.mp4"), 400, /sound without pictures/],
    [
      "a picture",
      `data:video/mp4;base64,${readFileSync(goldenPath("llava_onevision/tiny-ov-qwen2-v0.png")).toString("base64")}`,
      400,
      /a picture/,
    ],
    ["nothing", "data:video/mp4;base64,", 400, /not valid base64/],
    ["a path", "file:///etc/passwd", 400, /Expected a data: URL or an https: address/],
    ["too large", `data:video/mp4;base64,${"A".repeat(40_000)}`, 400, /A video has more than 20000 bytes/],
    [
      "a playlist",
      `data:video/mp4;base64,${Buffer.from("#EXTM3U\nhttp://127.0.0.1/a.ts\n").toString("base64")}`,
      400,
      /playlist/,
    ],
  ])("is refused: %s", async (_, url, status, message) => {
    const answer = await ask(url);
    expect(answer.body.error?.message).toMatch(message);
    expect(answer.status).toBe(status);
  });

  it("is not fetched beyond the cap from a server that never ends, nor from where pages are", async () => {
    sent = 0;
    const endless = await ask(`${origin}/endless`);
    expect(endless.body.error).toMatchObject({
      code: "video_too_large",
      message: "A video has more than 20000 bytes.",
    });
    expect(sent).toBeLessThan(2_000_000);
    const page = await ask(`${origin}/page`);
    expect(page.body.error).toMatchObject({ code: "unsupported_video" });
    const elsewhere = await ask("https://example.org/a.mp4");
    expect(elsewhere.body.error).toMatchObject({
      code: "video_fetch_refused",
      message: "Videos are not fetched from this address.",
    });
  });

  it("is refused in an assistant's message, and counts as a picture", async () => {
    const part = { type: "video_url", video_url: { url: dataUrl("one-frame.mp4") } };
    const bad = await server.post("/v1/chat/completions", {
      model: "pocket-llava",
      messages: [
        { role: "assistant", content: [part] },
        { role: "user", content: "?" },
      ],
    });
    expect(bad.status).toBe(400);
    const many = await server.post("/v1/chat/completions", {
      model: "pocket-llava",
      messages: [{ role: "user", content: Array(9).fill(part) }],
    });
    expect((await many.json()).error.message).toMatch(/at most 8 pictures and videos/);
  });
});
