import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { replayVideoScoring } from "./video-scoring/replay.js";

const folder = fileURLToPath(new URL("../fixtures/goldens/video_scoring", import.meta.url));

describe("recorded scores of video benchmarks", () => {
  const results = replayVideoScoring(folder);

  test.each(results)("$name: $outcome", ({ outcome, detail }) => {
    expect(outcome, detail).toBe("passed");
  });

  test("every case is accounted for", () => {
    expect(results.map(({ name }) => name).sort()).toHaveLength(11);
  });
});
