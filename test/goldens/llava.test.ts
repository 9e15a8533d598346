import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { replayLlava } from "./llava/replay.js";
import type { Outcome } from "./outcome.js";

const folder = fileURLToPath(new URL("../fixtures/goldens/llava", import.meta.url));

describe("recorded answers of llava models", async () => {
  const replayed = await replayLlava(folder, ["planner", "in-graph"]);
  const results = [...replayed].flatMap(([form, found]) => found.map((result) => ({ form, ...result })));

  test.each(results)("$name, $form: $outcome", ({ outcome, detail }) => {
    expect(outcome, detail).not.toBe("missed");
  });

  test("every case is accounted for", () => {
    const count = (form: string, outcome: Outcome) =>
      results.filter((result) => result.form === form && result.outcome === outcome).length;
    expect({
      planner: count("planner", "passed"),
      inGraph: count("in-graph", "passed"),
      notCovered: count("in-graph", "not covered"),
      cases: results.length,
    }).toEqual({ planner: 9, inGraph: 9, notCovered: 0, cases: 18 });
  });
});
