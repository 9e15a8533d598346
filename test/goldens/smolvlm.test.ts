import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { replaySmolVlm } from "./smolvlm/replay.js";

const folder = fileURLToPath(new URL("../fixtures/goldens/smolvlm", import.meta.url));

describe("recorded pictures between markers, of smolvlm models", async () => {
  const results = [...(await replaySmolVlm(folder)).values()].flat();

  test.each(results)("$name: $outcome", ({ outcome, detail }) => {
    expect(outcome, detail).not.toBe("missed");
  });

  test("every case is accounted for", () => {
    const passed = results.filter(({ outcome }) => outcome === "passed");
    expect({ passed: passed.length, cases: results.length }).toEqual({ passed: 31, cases: 31 });
  });
});
