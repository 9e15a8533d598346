import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { replayVisionZip } from "./visionzip/replay.js";

const folder = fileURLToPath(new URL("../fixtures/goldens/visionzip", import.meta.url));

describe("recorded VisionZip runs", async () => {
  const results = await replayVisionZip(folder);

  test.each(results)("$name: $outcome", ({ outcome, detail }) => {
    expect(outcome, detail).not.toBe("missed");
  });

  test("every case is accounted for", () => {
    const outcomes = results.map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === "passed")).toHaveLength(10);
    expect(outcomes.filter((outcome) => outcome === "defined by us")).toHaveLength(2);
    expect(outcomes).toHaveLength(12);
  });
});
