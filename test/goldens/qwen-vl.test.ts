import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { replayQwenVl } from "./qwen-vl/replay.js";

const folderOf = (family: string) => fileURLToPath(new URL(`../fixtures/goldens/${family}`, import.meta.url));

describe.each([
  ["qwen2_vl", 28],
  ["qwen2_5_vl", 13],
  ["qwen3_vl", 14],
])("recorded cases of %s", async (family, count) => {
  const results = [...(await replayQwenVl(folderOf(family))).values()].flat();

  test.each(results)("$name: $outcome", ({ outcome, detail }) => {
    expect(outcome, detail).toBe("passed");
  });

  test("are all there", () => {
    expect(results).toHaveLength(count);
  });
});
