import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { convert } from "prumerge/convert";
import { afterAll, describe, expect, test } from "vitest";
import { runDecoder } from "../support/run-decoder.js";
import { floats, readFixture } from "../support/safetensors.js";
import { EveryPosition } from "./every-position.js";

const goldens = fileURLToPath(new URL("../fixtures/goldens/llava", import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), "prumerge-every-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

describe("the decoder that keeps every position", () => {
  test.each([
    "tiny-llava-llama",
    "tiny-llava-gqa-tied",
    "tiny-llava-siglip-qwen2",
  ])("%s: its last row is what the shipped decoder gives", async (name) => {
    const folder = await convert(join(goldens, name), join(temporary, name), {
      dtype: "fp32",
      bakedTokens: 16,
    });
    const recorded = readFixture(join(goldens, `${name}.tensors.safetensors`));
    const embeddings = floats(recorded, "full.inputs_embeds");
    const every = await new EveryPosition(folder).logits(embeddings);
    const last = await runDecoder(folder.graphs.decoder, folder.spec, embeddings);
    const { vocabularySize } = folder.spec.language;
    expect(last.length).toBe(vocabularySize);
    expect(every.length).toBe((embeddings.length / folder.spec.language.hiddenSize) * vocabularySize);
    const difference = every.slice(-vocabularySize).map((value, id) => Math.abs(value - last[id]!));
    expect(Math.max(...difference)).toBeLessThan(1e-5);
    // The shipped weight file lies under both graphs: other rows differ, so the last one is no accident.
    const first = every.slice(0, vocabularySize).map((value, id) => Math.abs(value - last[id]!));
    expect(Math.max(...first)).toBeGreaterThan(0.1);
  });
});
