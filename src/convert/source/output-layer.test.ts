import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type Changes, changedCopy, digits, shard } from "../../../test/support/checkpoint-folder.js";
import { refusal } from "../../../test/support/refusal.js";
import { embeddingWeight, outputWeight } from "../../graphs/names.js";
import { openCheckpoint } from "./open-checkpoint.js";
import { readTensor } from "./read-rows.js";

interface Recorded {
  readonly stored: "different" | "equal" | "embedding" | "output";
  readonly top: boolean | null;
  readonly text: boolean | null;
  readonly missing?: readonly string[];
  readonly embedding?: "embedding" | "output";
  readonly output?: "embedding" | "output";
}

/** What transformers makes of each way to store the two tables and to speak about them. */
const { ties }: { ties: readonly Recorded[] } = JSON.parse(
  readFileSync(new URL("../../../test/fixtures/kept-weights/expected.json", import.meta.url), "utf8"),
);

const llama = "llava/tiny-llava-llama";
const key = "tie_word_embeddings";

function changes({ stored, top, text }: Recorded): Changes {
  return {
    config: (config) => {
      for (const [place, value] of [
        [config, top],
        [config.text_config, text],
      ]) {
        delete place[key];
        if (value !== null) place[key] = value;
      }
    },
    tensors: (all) => {
      if (stored === "equal") all.set(outputWeight, all.get(embeddingWeight)!);
      if (stored === "embedding") all.delete(outputWeight);
      if (stored === "output") all.delete(embeddingWeight);
    },
  };
}

describe("which table is used is what transformers uses", async () => {
  const plain = await openCheckpoint(changedCopyForAll());
  const tables = {
    embedding: digits(await readTensor(plain.tensors.get(embeddingWeight)!)),
    output: digits(await readTensor(plain.tensors.get(outputWeight)!)),
  };

  it.each(ties)("$stored stored, $top at the top, $text in text_config", async (recorded) => {
    const folder = changedCopy(llama, changes(recorded));
    if (recorded.missing !== undefined) {
      const error = await refusal("INVALID_FILE", () => openCheckpoint(folder));
      const part = recorded.stored === "embedding" ? "lm_head" : "embed_tokens";
      expect(error.message).toContain(
        `1 missing: language_model.${part === "lm_head" ? "" : "model."}${part}`,
      );
      return;
    }
    const { spec, tensors, notes } = await openCheckpoint(folder);
    const used = (name: string) => tensors.get(name)!;
    expect(digits(await readTensor(used(embeddingWeight)))).toBe(tables[recorded.embedding!]);
    const output = spec.language.tiedEmbeddings ? embeddingWeight : outputWeight;
    expect(digits(await readTensor(used(output)))).toBe(tables[recorded.output!]);
    expect(tensors.has(outputWeight)).toBe(!spec.language.tiedEmbeddings);
    const disagree = recorded.stored === "different" && (recorded.top === true || recorded.text === true);
    expect(notes.filter((note) => note.includes(key))).toHaveLength(disagree ? 1 : 0);
  });
});

/** A copy that outlives the test that asks for it. */
function changedCopyForAll(): string {
  return fileURLToPath(new URL(`../../../test/fixtures/goldens/${llama}`, import.meta.url));
}

it("compares tables across shards, and of different shapes by their shape", async () => {
  const claims: NonNullable<Changes["config"]> = (config) => {
    config.text_config[key] = true;
  };
  const folder = changedCopy(llama, { config: claims });
  shard(folder, 3);
  const { spec, notes } = await openCheckpoint(folder);
  expect(spec.language.tiedEmbeddings).toBe(false);
  expect(notes.join()).toContain("two tables that differ");
  const tensors: Changes["tensors"] = (all) => {
    const { data } = all.get(outputWeight)!;
    all.set(outputWeight, { shape: [64, 64], data: data.slice(0, 64 * 64) as Float32Array });
  };
  const error = await refusal("INVALID_FILE", () =>
    openCheckpoint(changedCopy(llama, { config: claims, tensors })),
  );
  expect(error.message).toMatch(/lm_head.*\[128, 64\].*\[64, 64\]/);
});
