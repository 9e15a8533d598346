import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { replayEffivlm } from "./effivlm/replay.js";

const folder = fileURLToPath(new URL("../fixtures/goldens/effivlm_siglip_prumerge_plus", import.meta.url));

describe("recorded runs of PruMerge+ on SigLIP (EffiVLM-Bench)", async () => {
  const results = await replayEffivlm(folder);

  test.each(results)("$name: $outcome", ({ outcome, detail }) => {
    expect(outcome, detail).toBe("passed");
  });

  test("every case is accounted for", () => {
    expect(results).toHaveLength(11);
  });
});
