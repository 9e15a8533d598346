import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { correlation, greatestDifference } from "../../test/support/compare.js";
import { runDecoder } from "../../test/support/run-decoder.js";
import { floats, readFixture } from "../../test/support/safetensors.js";
import { writeLanguageFolder } from "../../test/support/tiny-folder.js";
import {
  goldenCases,
  type TinyModel,
  tinyLanguageSpec,
  tinyModels,
  tinyWeights,
} from "../../test/support/tiny-llava.js";
import { dequantizeRows, quantizeRows } from "../convert/quantize.js";
import type { WeightOptions } from "./weights.js";

// Logits of transformers with the weights quantised and dequantised by numpy, and with whole numbers in float64: see
// test/fixtures/README-language.md.
const fixtures = new URL("../../test/fixtures/quantized/", import.meta.url);
interface Recorded {
  readonly name: string;
  readonly model: TinyModel;
  readonly form: "q4" | "q8" | "int8";
  readonly positions: readonly number[];
}
const manifest: { cases: Recorded[]; digests: Record<string, string> } = JSON.parse(
  readFileSync(new URL("manifest.json", fixtures), "utf8"),
);
const recorded = readFixture(new URL("quantized.safetensors", fixtures));

/** Greatest difference from the recorded logits, and correlation with them, over all cases of a model. */
async function compare(model: TinyModel, form: Recorded["form"], options: WeightOptions) {
  const spec = tinyLanguageSpec(model);
  const { vocabularySize } = spec.language;
  const folder = writeLanguageFolder(spec, tinyWeights(model), options);
  let greatest = 0;
  let least = 1;
  for (const entry of manifest.cases.filter((one) => one.model === model && one.form === form)) {
    const golden = goldenCases(model).find((one) => one.name === entry.name)!;
    const every = await runDecoder(folder.everyPosition, spec, golden.embeddings);
    const expected = floats(recorded, `${entry.name}/${form}`);
    const kept = Float32Array.from(
      entry.positions.flatMap((row) => [...every.subarray(row * vocabularySize, (row + 1) * vocabularySize)]),
    );
    greatest = Math.max(greatest, greatestDifference(kept, expected));
    least = Math.min(least, correlation(kept, expected));
  }
  rmSync(folder.path, { recursive: true });
  return { greatest, least };
}

describe.each(tinyModels)("%s", (model) => {
  it("has the weights that the recorded logits come from", () => {
    const weights = tinyWeights(model);
    for (const bits of [4, 8] as const) {
      const prefix = `${model}/q${bits}/`;
      const digests = Object.entries(manifest.digests).filter(([key]) => key.startsWith(prefix));
      expect(digests.length).toBe(2 * 7 + 1);
      for (const [key, digest] of digests) {
        const { shape, data } = weights.get(key.slice(prefix.length))!;
        const values = dequantizeRows(quantizeRows(data as Float32Array, shape[1]!, bits), shape[1]!, bits);
        const hash = createHash("sha256").update(new Uint8Array(values.buffer)).digest("hex");
        expect(hash.slice(0, 16), key).toBe(digest);
      }
    }
  });

  it.each([
    "q4",
    "q8",
  ] as const)("equals transformers with weights in %s and float32 arithmetic", async (form) => {
    const { greatest } = await compare(model, form, { precision: form, accuracyLevel: 0 });
    expect(greatest).toBeLessThan(1e-3);
  });

  // Measured: at most 0.127 of logits up to 6, correlation at least 0.99979.
  it.each([
    "q4",
    "q8",
  ] as const)("stays close to that with weights in %s and 8 bit activations", async (form) => {
    const { greatest, least } = await compare(model, form, { precision: form });
    expect(greatest).toBeLessThan(0.2);
    expect(least).toBeGreaterThan(0.9995);
  });

  // Measured: at most 1.2e-6. A number of a row right between two whole ones could become either.
  it("equals transformers with weights and activations of whole numbers", async () => {
    const { greatest, least } = await compare(model, "int8", { precision: "int8" });
    expect(greatest).toBeLessThan(1e-4);
    expect(least).toBeGreaterThan(0.999999);
  });
});
