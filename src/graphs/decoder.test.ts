import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { correlation, greatestDifference } from "../../test/support/compare.js";
import { runDecoder, runMergedDecoder } from "../../test/support/run-decoder.js";
import { type TinyFolder, writeLanguageFolder } from "../../test/support/tiny-folder.js";
import { goldenCases, tinyLanguageSpec, tinyModels, tinyWeights } from "../../test/support/tiny-llava.js";

// Logits recorded from transformers 5.23 on the embeddings recorded with them.
describe.each(tinyModels)("%s", (model) => {
  const spec = tinyLanguageSpec(model);
  const { vocabularySize } = spec.language;
  let folder: TinyFolder;
  beforeAll(() => {
    folder = writeLanguageFolder(spec, tinyWeights(model));
  });
  afterAll(() => rmSync(folder.path, { recursive: true }));

  for (const golden of goldenCases(model)) {
    it(`gives the recorded logits at every position: ${golden.name}`, async () => {
      const logits = await runDecoder(folder.everyPosition, spec, golden.embeddings);
      expect(logits.length).toBe(golden.logits.length);
      expect(greatestDifference(logits, golden.logits)).toBeLessThan(1e-4);
    });

    it(`keeps the last row alone in the shipped forms: ${golden.name}`, async () => {
      const every = await runDecoder(folder.everyPosition, spec, golden.embeddings);
      const last = every.subarray(-vocabularySize);
      const shipped = await runDecoder(folder.decoder, spec, golden.embeddings);
      const merged = await runMergedDecoder(folder.merged, spec, golden.embeddings);
      expect(shipped.length).toBe(vocabularySize);
      expect(merged.length).toBe(vocabularySize);
      expect(greatestDifference(shipped, last)).toBeLessThan(1e-5);
      expect(greatestDifference(merged, last)).toBeLessThan(1e-5);
    });
  }

  it.each(["float16", "q8"] as const)("stays close in %s", async (precision) => {
    const stored = writeLanguageFolder(spec, tinyWeights(model), { precision });
    for (const golden of goldenCases(model)) {
      const logits = await runDecoder(stored.everyPosition, spec, golden.embeddings);
      expect(correlation(logits, golden.logits)).toBeGreaterThan(precision === "q8" ? 0.999 : 0.99999);
    }
    rmSync(stored.path, { recursive: true });
  });
});
