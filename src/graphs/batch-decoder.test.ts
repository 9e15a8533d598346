import { readFileSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { greatestDifference } from "../../test/support/compare.js";
import { writeLanguageFolder } from "../../test/support/tiny-folder.js";
import { goldenCases, tinyLanguageSpec, tinyWeights } from "../../test/support/tiny-llava.js";
import { loadDecoder } from "../runtime/load-decoder.js";
import { loadEngine } from "../runtime/load-engine.js";
import { batchDecoder } from "./batch-decoder.js";
import type { WeightOptions } from "./weights.js";

const model = "tiny-llava-gqa-tied";
const spec = tinyLanguageSpec(model);
const { hiddenSize } = spec.language;

function withFolder<Result>(options: WeightOptions, use: (path: string, folder: string) => Result): Result {
  const folder = writeLanguageFolder(spec, tinyWeights(model), options);
  return use(folder.decoder, folder.path);
}

describe("the decoder for several sequences", () => {
  it.each<WeightOptions>([
    { precision: "float16" },
    { precision: "q8", accuracyLevel: 0 },
    { precision: "q4", accuracyLevel: 0 },
    { precision: "q4" },
  ])("has the folder's weights, as they are stored: $precision, level $accuracyLevel", async (options) => {
    await withFolder(options, async (path, folder) => {
      const files = { folder, decoder: { path, form: "ours" } } as const;
      const decoder = await loadDecoder(files, spec, { pool: { most: 2, bytes: 2 ** 24 } });
      const engines = [
        await loadEngine(files, { worker: false }),
        await loadEngine(files, { worker: false, decoder }),
      ];
      const golden = goldenCases(model)[0]!;
      const rows = { rows: golden.length, columns: hiddenSize, data: golden.embeddings };
      const [one, other] = await Promise.all(
        engines.map(async (engine) => (await engine.forward(await engine.createCache(), rows)).logits),
      );
      expect(greatestDifference(one!, other!)).toBeLessThan(1e-4);
      await Promise.all(engines.map((engine) => engine.dispose()));
      rmSync(folder, { recursive: true });
    });
  });

  it("is refused where the weights are another model's, or positions follow the length", () => {
    withFolder({ precision: "float32" }, (path, folder) => {
      const bytes = readFileSync(path);
      const { language } = spec;
      const wrong = (change: object) => () =>
        batchDecoder({ ...spec, language: { ...language, ...change } }, bytes, path);
      const refused = (message: RegExp) =>
        expect.objectContaining({ code: "UNSUPPORTED_MODEL", message: expect.stringMatching(message) });
      expect(wrong({ layers: language.layers + 1 })).toThrow(refused(/no language_model/));
      expect(wrong({ intermediateSize: 8 })).toThrow(refused(/of type 1, \[/));
      expect(wrong({ rope: { kind: "dynamic", theta: 1e4, factor: 2, originalContext: 64 } })).toThrow(
        refused(/positions follow a sequence's length/),
      );
      expect(() => batchDecoder(spec, readFileSync(path.replace("decoder", "embed_tokens")), path)).toThrow(
        refused(/not those of its model/),
      );
      rmSync(folder, { recursive: true });
    });
  });

  it("is not made for other exporters' folders, or limits that cannot be", async () => {
    const common = { folder: "f", decoder: { path: "f/decoder_model_merged.onnx", form: "common" } } as const;
    const limits = { most: 2, bytes: 1 };
    await expect(loadDecoder(common, spec, { pool: limits })).rejects.toMatchObject({
      code: "UNSUPPORTED_MODEL",
    });
    for (const odd of [{ most: 1 }, { most: 2.5 }, { bytes: 0 }])
      await expect(loadDecoder(common, spec, { pool: { ...limits, ...odd } })).rejects.toMatchObject({
        code: "INVALID_OPTION",
      });
  });
});
