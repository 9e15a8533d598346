import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type LoadOptions, loadModel } from "./load-model.js";

describe("loadModel", () => {
  it.each<[string, LoadOptions]>([
    ["dtype", { dtype: "q5" as never }],
    ["warm", { warm: ["visoin" as never] }],
    ["keepCaches", { keepCaches: Number.NaN }],
    ["keepCacheBytes", { keepCacheBytes: -5 }],
    ["threads", { threads: 0 }],
    ["batch.most", { batch: { most: 1, bytes: 2 ** 20 } }],
    ["batch.bytes", { batch: { most: 8, bytes: 0 } }],
  ])("refuses what cannot be meant for %s", async (where, options) => {
    await expect(loadModel("pocket-llava", { worker: false, ...options })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      details: { where },
    });
  });

  it("says where answers cannot share runs, and lets them take turns", async () => {
    const batch = { most: 8, bytes: 2 ** 26 };
    const own = await loadModel("pocket-llava", { worker: false, batch });
    expect(own.notes.join()).not.toContain("take turns");
    await own.dispose();
    const folder = mkdtempSync(join(tmpdir(), "prumerge-common-"));
    cpSync(own.folder, folder, {
      recursive: true,
      filter: (path) => !/onnx.decoder_quantized|prumerge\.json/.test(path),
    });
    const common = await loadModel(folder, { worker: false, batch });
    expect(common.notes).toContainEqual(expect.stringMatching(/^Answers take turns.*one question at a time/));
    const question = { maxNewTokens: 3 };
    const [one, other] = [1, 2].map(() => common.answer(null, "Hello?", question).result);
    expect((await one!).tokenIds).toEqual((await other!).tokenIds);
    await common.dispose();
    rmSync(folder, { recursive: true });
  });

  it("loads nothing for a signal that has fired", async () => {
    const signal = AbortSignal.abort();
    await expect(loadModel("pocket-llava", { worker: false, signal })).rejects.toMatchObject({
      code: "ABORTED",
    });
  });
});
