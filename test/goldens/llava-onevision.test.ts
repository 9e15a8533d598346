import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { onevisionGoldens } from "./tiles/family.js";
import { replayTiles } from "./tiles/replay.js";

const folder = fileURLToPath(new URL("../fixtures/goldens/llava_onevision", import.meta.url));

describe("recorded pictures in tiles, of a llava_onevision model", async () => {
  const replayed = await replayTiles(folder, onevisionGoldens, ["planner", "in-graph"]);
  const results = [...replayed].flatMap(([form, found]) => found.map((result) => ({ form, ...result })));

  test.each(results)("$name, $form: $outcome", ({ outcome, detail }) => {
    expect(outcome, detail).not.toBe("missed");
  });

  test("every case is accounted for", () => {
    const passed = results.filter(({ outcome }) => outcome === "passed");
    expect({ passed: passed.length, cases: results.length }).toEqual({ passed: 18, cases: 18 });
  });
});
