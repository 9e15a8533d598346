import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { replayLora } from "./lora/replay.js";
import type { Outcome } from "./outcome.js";

const folder = fileURLToPath(new URL("../fixtures/goldens/lora", import.meta.url));

describe("recorded answers of lora models", async () => {
  const replayed = await replayLora(folder, ["planner", "in-graph"]);
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
    }).toEqual({ planner: 6, inGraph: 6, notCovered: 0, cases: 12 });
  });
});
