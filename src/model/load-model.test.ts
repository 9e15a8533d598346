import { describe, expect, it } from "vitest";
import { type LoadOptions, loadModel } from "./load-model.js";

describe("loadModel", () => {
  it.each<[string, LoadOptions]>([
    ["dtype", { dtype: "q5" as never }],
    ["warm", { warm: ["visoin" as never] }],
    ["keepCaches", { keepCaches: Number.NaN }],
    ["keepCacheBytes", { keepCacheBytes: -5 }],
    ["threads", { threads: 0 }],
  ])("refuses what cannot be meant for %s", async (where, options) => {
    await expect(loadModel("pocket-llava", { worker: false, ...options })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      details: { where },
    });
  });

  it("loads nothing for a signal that has fired", async () => {
    const signal = AbortSignal.abort();
    await expect(loadModel("pocket-llava", { worker: false, signal })).rejects.toMatchObject({
      code: "ABORTED",
    });
  });
});
