import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { replayHiPrune } from "./hiprune/replay.js";
import type { Outcome } from "./outcome.js";

const folder = fileURLToPath(new URL("../fixtures/goldens/hiprune", import.meta.url));

describe("recorded HiPrune runs", () => {
  const results = replayHiPrune(folder);

  test.each(results)("$name: $outcome", ({ outcome, detail }) => {
    expect(outcome, detail).not.toBe("missed");
  });

  test("every case is accounted for", () => {
    const count = (outcome: Outcome) => results.filter((result) => result.outcome === outcome).length;
    expect({ passed: count("passed"), definedByUs: count("defined by us") }).toEqual({
      passed: 7,
      definedByUs: 1,
    });
  });
});
