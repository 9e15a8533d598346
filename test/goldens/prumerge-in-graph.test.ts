import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Outcome } from "./outcome.js";
import { inGraph } from "./prumerge/in-graph.js";
import { replayPrumerge } from "./prumerge/replay.js";

const folder = fileURLToPath(new URL("../fixtures/goldens/prumerge", import.meta.url));

describe("recorded PruMerge runs, through the graph", async () => {
  const results = await replayPrumerge(folder, inGraph());

  test.each(results)("$name: $outcome", ({ outcome, detail }) => {
    expect(outcome, detail).not.toBe("missed");
  });

  test("every case is accounted for", () => {
    const count = (outcome: Outcome) => results.filter((result) => result.outcome === outcome).length;
    expect({
      passed: count("passed"),
      definedByUs: count("defined by us"),
      notCovered: count("not covered"),
    }).toEqual({ passed: 52, definedByUs: 9, notCovered: 0 });
  });
});
