import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { splice } from "./prompt.js";
import { createTokenizer } from "./tokenizer.js";

const goldens = new URL("../../test/fixtures/goldens/llava/", import.meta.url);
const json = (path: string) => JSON.parse(readFileSync(new URL(path, goldens), "utf8"));

interface Case {
  readonly inputs: {
    readonly model: string;
    readonly prompt: string;
    readonly image_token_id: number;
    readonly prompt_ids_with_single_image_token: number[];
  };
}

describe("prompts of the recorded models", () => {
  const cases: Case[] = json("manifest.json").cases;
  it.each(
    cases.map(({ inputs }) => [inputs.model, inputs] as const),
  )("%s: the ids that transformers made", (model, inputs) => {
    const tokenizer = createTokenizer(
      json(`${model}/tokenizer.json`),
      json(`${model}/tokenizer_config.json`),
      model,
    );
    const imageTokenId = inputs.image_token_id;
    const prompts = { tokenizer, bosToken: "<s>", imageToken: "<image>", imageTokenId };
    const picture = { embeddings: { rows: 1 } } as never;
    const units = splice(inputs.prompt, [picture], prompts);
    const ids = units.map((unit) => (typeof unit === "number" ? unit : imageTokenId));
    expect(ids).toEqual(inputs.prompt_ids_with_single_image_token);
    // A template may write the first token itself: it is not added twice.
    if (ids[0] === 1)
      expect(splice(`<s>${inputs.prompt}`, [picture], prompts).slice(0, 3)).toEqual(ids.slice(0, 3));
  });
});

describe("createTokenizer", () => {
  const wordLevel = (behavior: string) => ({
    model: { type: "WordLevel", vocab: { a: 0, b: 1 }, unk_token: "a" },
    pre_tokenizer: { type: "Split", pattern: { String: "." }, behavior, invert: false },
    normalizer: null,
    decoder: null,
    post_processor: null,
    added_tokens: [],
  });

  it("removes a plain string, taken literally", () => {
    expect(createTokenizer(wordLevel("Removed"), {}, "x").encode("b.b").ids).toEqual([1, 1]);
  });

  it("knows the unknown token of models of whole words, whatever the configuration says", () => {
    for (const unk_token of [undefined, "b"])
      expect(createTokenizer(wordLevel("Removed"), { unk_token }, "x").encode("c.b").ids).toEqual([0, 1]);
  });

  it("refuses merges of prefixed pieces, which would silently give other ids", () => {
    const model = { type: "BPE", vocab: { a: 0, "##b": 1, ab: 2 }, merges: [["a", "##b"]] };
    const prefixed = { ...wordLevel("Removed"), model: { ...model, continuing_subword_prefix: "##" } };
    expect(() => createTokenizer(prefixed, {}, "x")).toThrow(
      expect.objectContaining({
        code: "UNSUPPORTED_MODEL",
        details: expect.objectContaining({ found: '"##"' }),
      }),
    );
  });

  it("refuses splits that would silently give other ids", () => {
    expect(() => createTokenizer(wordLevel("MergedWithNext"), {}, "here/tokenizer.json")).toThrow(
      expect.objectContaining({
        code: "UNSUPPORTED_MODEL",
        message: expect.stringContaining("here/tokenizer.json"),
      }),
    );
  });

  it("refuses what is no tokenizer, with the file's name", () => {
    expect(() => createTokenizer({ model: {} }, {}, "here/tokenizer.json")).toThrow(
      expect.objectContaining({
        code: "INVALID_FILE",
        message: expect.stringContaining("here/tokenizer.json"),
      }),
    );
  });
});
