import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { replayCdPruner } from "./cdpruner/replay.js";
import type { Outcome } from "./outcome.js";

const folder = fileURLToPath(new URL("../fixtures/goldens/cdpruner", import.meta.url));

describe("recorded CDPruner runs", () => {
  const results = replayCdPruner(folder);

  test.each(results)("$name: $outcome", ({ outcome, detail }) => {
    expect(outcome, detail).not.toBe("missed");
  });

  test("every case is accounted for", () => {
    const count = (outcome: Outcome) => results.filter((result) => result.outcome === outcome).length;
    expect({ passed: count("passed"), definedByUs: count("defined by us") }).toEqual({
      passed: 6,
      definedByUs: 2,
    });
  });
});
