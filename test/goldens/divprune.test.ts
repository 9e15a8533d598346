import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { replayDivPrune } from "./divprune/replay.js";
import type { Outcome } from "./outcome.js";

const folder = fileURLToPath(new URL("../fixtures/goldens/divprune", import.meta.url));

describe("recorded DivPrune runs", () => {
  const results = replayDivPrune(folder);

  test.each(results)("$name: $outcome", ({ outcome, detail }) => {
    expect(outcome, detail).not.toBe("missed");
  });

  test("every case is accounted for", () => {
    const count = (outcome: Outcome) => results.filter((result) => result.outcome === outcome).length;
    expect({ passed: count("passed"), definedByUs: count("defined by us") }).toEqual({
      passed: 9,
      definedByUs: 3,
    });
  });
});
