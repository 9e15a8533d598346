import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { replayVideoLlava } from "./video-llava/replay.js";

const folder = fileURLToPath(new URL("../fixtures/goldens/video_llava", import.meta.url));

describe("recorded pictures and videos of both Video-LLaVAs", async () => {
  const results = [...(await replayVideoLlava(folder)).values()].flat();

  test.each(results)("$name: $outcome", ({ outcome, detail }) => {
    expect(outcome, detail).toBe("passed");
  });

  test("every case is accounted for", () => {
    expect(results.length).toBe(8);
  });
});
