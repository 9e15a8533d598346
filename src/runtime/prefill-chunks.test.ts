import fc from "fast-check";
import { expect, it } from "vitest";
import { prefillChunks } from "./prefill-chunks.js";

it("keeps an ordinary prompt whole", () => {
  expect(prefillChunks(616, 0)).toEqual([616]);
  expect(prefillChunks(1, 4000)).toEqual([1]);
});

it("bounds the scores of every run and loses no row", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 0, max: 200_000 }), (rows, past) => {
      const chunks = prefillChunks(rows, past);
      expect(chunks.reduce((sum, chunk) => sum + chunk, 0)).toBe(rows);
      let before = past;
      for (const chunk of chunks) {
        expect(chunk).toBeGreaterThan(0);
        if (chunk > 1) expect(chunk * (before + chunk)).toBeLessThanOrEqual(1024 * 1024);
        before += chunk;
      }
    }),
  );
});
