import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadModel, noReduction } from "prumerge";
import { convert, type Dtype } from "prumerge/convert";
import { describe, expect, it } from "vitest";
import expected from "../fixtures/kept-weights/expected.json" with { type: "json" };
import {
  type Changes,
  changedCopy,
  encodeTensors,
  goldenPath,
  temporaryFolder,
  writeJson,
} from "../support/checkpoint-folder.js";
import { type FixtureTensor, readFixture } from "../support/safetensors.js";

const llama = "llava/tiny-llava-llama";
const embedding = "language_model.model.embed_tokens.weight";
const endOfSequence = 2;
const output = "language_model.lm_head.weight";

/** Six greedy ids of the converted checkpoint, unreduced, and what the conversion noted. */
async function answer(folder: string, options: { lora?: string; dtype?: Dtype } = {}) {
  const notes: string[] = [];
  const target = join(temporaryFolder(), "model");
  await convert(folder, target, {
    dtype: "fp32",
    workers: 0,
    onNote: (note) => notes.push(note),
    ...options,
  });
  const model = await loadModel(target, { worker: false, threads: 1 });
  try {
    const seen = await model.see(goldenPath(`${llama}.png`), noReduction());
    const question = { prompt: "<s>USER: <image>\nhello ASSISTANT:" };
    const { tokenIds } = await model.answer(seen, question, { maxNewTokens: 6 }).result;
    return { tokenIds, notes };
  } finally {
    await model.dispose();
  }
}

const tie = (top: boolean | null, text: boolean | null): NonNullable<Changes["config"]> => {
  return (config) => {
    config.tie_word_embeddings = top;
    config.text_config.tie_word_embeddings = text;
  };
};

describe("the output layer that is stored is the one that answers", () => {
  const { ids } = expected.ties.find(({ stored, text }) => stored === "different" && text === true)!;

  it("whatever the configuration says", async () => {
    const { tokenIds, notes } = await answer(changedCopy(llama, { config: tie(false, true) }));
    expect(tokenIds).toEqual(ids);
    expect(notes.join()).toContain("tie_word_embeddings");
  });

  it("in 8 bits too", async () => {
    const one = await answer(changedCopy(llama, { config: tie(true, true) }), { dtype: "q8" });
    const plain = await answer(goldenPath(llama), { dtype: "q8" });
    expect(one.tokenIds).toEqual(plain.tokenIds);
    expect(plain.notes).toEqual([]);
  });

  it("as the embedding table where it alone is stored", async () => {
    const recorded = expected.ties.find(({ stored, top }) => stored === "output" && top === true)!;
    const rename = (name: string) => (name === embedding ? undefined : name);
    const { tokenIds } = await answer(changedCopy(llama, { config: tie(true, null), rename }));
    expect(tokenIds).toEqual(recorded.ids);
  });
});

describe("adapters answer as in peft", () => {
  const fixture = fileURLToPath(new URL("../fixtures/kept-weights/factors.safetensors", import.meta.url));
  const factors = readFixture(fixture);
  const golden = readFixture(join(goldenPath(llama), "model.safetensors"));
  const sources: Record<string, string> = {
    embedding,
    output,
    projector: "multi_modal_projector.linear_1.weight",
    bias: "multi_modal_projector.linear_1.bias",
  };
  const marks: Record<string, RegExp> = { query: /q_proj/, head: /lm_head/, table: /embed_tokens/ };

  function whole(value: string): FixtureTensor {
    const [name, reversed] = value.split(" ");
    const { shape, data } = golden.get(sources[name!]!)!;
    if (reversed === undefined) return { shape, data };
    const width = data.length / shape[0]!;
    const rows = Array.from({ length: shape[0]! }, (_, row) => data.slice(row * width, (row + 1) * width));
    return { shape, data: Float32Array.from(rows.reverse().flatMap((row) => [...row])) };
  }

  function adapter(one: {
    pairs: string[];
    whole: object;
    config: { modules_to_save?: string[] };
    names_by_peft: string[];
  }): string {
    const { pairs, whole: stored, config } = one;
    const folder = temporaryFolder();
    const tensors = new Map<string, FixtureTensor>();
    for (const [name, tensor] of factors)
      if (pairs.some((pair) => marks[pair]!.test(name))) tensors.set(name, tensor);
    for (const [name, value] of Object.entries(stored)) tensors.set(name, whole(value as string));
    // What stands there by name is what peft would have saved, but for whole tables that it saves when told to.
    const told =
      one.config.modules_to_save === undefined &&
      Object.keys(stored).some((name) => !name.includes("base_layer"));
    if (!told) for (const name of tensors.keys()) expect(one.names_by_peft).toContain(name);
    writeFileSync(join(folder, "adapter_model.safetensors"), encodeTensors(tensors));
    const settings = { peft_type: "LORA", r: 2, lora_alpha: 4, target_modules: "x", ...config };
    writeJson(folder, "adapter_config.json", settings);
    return folder;
  }

  const bases = {
    untied: () => changedCopy(llama, {}),
    tied: () =>
      changedCopy(llama, { config: tie(true, true), rename: (name) => (name === output ? undefined : name) }),
  };

  describe.each(expected.adapters)("$name", (one) => {
    it.each(["untied", "tied"] as const)("on a base whose tables are %s", async (base) => {
      const lora = adapter(one);
      if (one.name === "copies" && base === "tied") {
        // Two tables for one place: peft takes whichever its file names last.
        await expect(answer(bases.tied(), { lora })).rejects.toThrow(/another table/);
        return;
      }
      const { tokenIds, notes } = await answer(bases[base](), { lora });
      const end = one.ids[base].indexOf(endOfSequence);
      expect(tokenIds).toEqual(end < 0 ? one.ids[base] : one.ids[base].slice(0, end));
      if (base === "untied" && one.name.includes("cop"))
        expect(notes.join()).toContain("copies of the base's own");
      if (one.name.includes("other")) expect(notes.join()).toContain("unlike the base's");
    });
  });
});
