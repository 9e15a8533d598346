import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { replayTome } from "./tome/replay.js";

const folder = fileURLToPath(new URL("../fixtures/goldens/tome", import.meta.url));

describe("recorded runs of ToMe", async () => {
  const results = await replayTome(folder);

  test.each(results)("$name: $outcome", ({ outcome, detail }) => {
    expect(outcome, detail).toBe("passed");
  });

  test("every case is accounted for", () => {
    expect(results).toHaveLength(14);
  });
});
