import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { nextGoldens } from "./tiles/family.js";
import { replayTiles } from "./tiles/replay.js";

const folder = fileURLToPath(new URL("../fixtures/goldens/llava_next", import.meta.url));

describe("recorded pictures in tiles, of llava_next models", async () => {
  const replayed = await replayTiles(folder, nextGoldens, ["planner", "in-graph"]);
  const results = [...replayed].flatMap(([form, found]) => found.map((result) => ({ form, ...result })));

  test.each(results)("$name, $form: $outcome", ({ outcome, detail }) => {
    expect(outcome, detail).not.toBe("missed");
  });

  test("every case is accounted for", () => {
    const passed = results.filter(({ outcome }) => outcome === "passed");
    expect({ passed: passed.length, cases: results.length }).toEqual({ passed: 24, cases: 24 });
  });
});
