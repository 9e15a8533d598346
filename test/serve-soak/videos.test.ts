import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { convert } from "prumerge/convert";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ServeProcess } from "../../bench/support/serve-process.js";
import { goldenPath } from "../support/checkpoint-folder.js";
import { hasFfmpeg } from "../support/ffmpeg.js";
import { rise } from "../support/trend.js";

/** Clips that the server is asked about, each another one; `PRUMERGE_SOAK_CLIPS` sets others. */
const clips = Number(process.env.PRUMERGE_SOAK_CLIPS ?? 40);
/** Looks at the server's memory, evenly spread. */
const looks = 20;
/** What the server's memory may grow by in the second half, by its trend. */
const mostRise = 0.05;

const clip = fileURLToPath(
  new URL("../fixtures/goldens/video_frames/clips/h264-faststart.mp4", import.meta.url),
);

const folder = mkdtempSync(join(tmpdir(), "prumerge-soak-videos-"));
let server: ServeProcess;
beforeAll(async () => {
  const model = join(folder, "model");
  await convert(goldenPath("llava_onevision/tiny-ov-qwen2"), model, { dtype: "fp32", workers: 0 });
  server = await ServeProcess.start(
    ["--model", model, "--picture-memory", "1", "--prefix-memory", "4"],
    ["--expose-gc", "--import", fileURLToPath(new URL("collected-memory.mjs", import.meta.url))],
  );
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Megabytes that the server takes after a collection in each of its threads. */
async function resident(): Promise<number> {
  const answer = once(server.process, "message");
  server.process.send("collect");
  const [message] = (await answer) as [{ resident: number }];
  return message.resident / 1e6;
}

/** A clip of its own: the same frames, and a box behind them that nobody reads. */
function clipUrl(at: number): string {
  const box = Buffer.alloc(16);
  box.writeUInt32BE(16);
  box.write("free", 4, "latin1");
  box.writeUInt32BE(at, 8);
  return `data:video/mp4;base64,${Buffer.concat([readFileSync(clip), box]).toString("base64")}`;
}

async function ask(at: number): Promise<unknown> {
  const content = [
    { type: "video_url", video_url: { url: clipUrl(at) } },
    { type: "text", text: "What happens?" },
  ];
  const answer = await fetch(`${server.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      model: "model",
      messages: [{ role: "user", content }],
      max_tokens: 2,
      prumerge: { frames: 8, visual_tokens: 48 },
    }),
  });
  const body = (await answer.json()) as { prumerge: { pictures: { remembered: boolean }[] } };
  expect(answer.status, JSON.stringify(body)).toBe(200);
  return body.prumerge.pictures[0]!.remembered;
}

describe.runIf(hasFfmpeg())("many clips", () => {
  it("leave memory flat", async () => {
    const megabytes: number[] = [];
    const each = Math.ceil(clips / looks);
    for (let at = 0; at < clips; at += each) {
      for (let one = at; one < Math.min(at + each, clips); one++) expect(await ask(one)).toBe(false);
      megabytes.push(await resident());
    }
    console.log(`resident over ${clips} clips, MB: ${megabytes.map((value) => value.toFixed(1)).join(", ")}`);
    const second = megabytes.slice(Math.floor(megabytes.length / 2));
    expect(rise(second), second.join(", ")).toBeLessThan(mostRise * second[0]!);
  });
});
