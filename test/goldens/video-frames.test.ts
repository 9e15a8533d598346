import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { hasFfmpeg } from "../support/ffmpeg.js";
import { replayVideoFrames } from "./video-frames/replay.js";

const folder = fileURLToPath(new URL("../fixtures/goldens/video_frames", import.meta.url));

describe.runIf(hasFfmpeg())("recorded readers of videos", async () => {
  const results = await replayVideoFrames(folder);

  test.each(results)("$name: $outcome", ({ outcome, detail }) => {
    expect(outcome, detail).not.toBe("missed");
  });
});
