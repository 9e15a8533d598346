import { describe, expect, it } from "vitest";
import { tokenizerCases } from "../../../test/support/tokenizer-cases.js";
import type { Json } from "./json-file.js";
import { repairTokenizer } from "./repair-tokenizer.js";
import { mergeTokenFiles, type TokenFiles } from "./token-files.js";

const found = (name: string) => tokenizerCases().find((one) => one.name === name)!;
const { tokenizer, config } = found("sentencepiece: nothing to repair");

function notes(changes: Json, settings: Json = {}, files: TokenFiles = {}): string[] {
  const sentences: string[] = [];
  const note = (sentence: string) => void sentences.push(sentence);
  const stored = { ...tokenizer, ...changes };
  const merged = mergeTokenFiles({ ...config, ...settings }, files, stored, "here", note);
  repairTokenizer(stored, merged, "here/tokenizer.json", { note });
  return sentences;
}
const added = tokenizer.added_tokens as readonly (Json & { id: number; content: string })[];

describe("what is said of repairs", () => {
  it("nothing where there is nothing to repair", () => {
    expect(notes({}, { add_bos_token: true, add_eos_token: false })).toEqual([]);
  });

  it.each<[string, Json, Json, TokenFiles, RegExp]>([
    [
      "tokens found again",
      { added_tokens: added.map((one) => ({ ...one, normalized: true })) },
      {},
      {},
      /"normalized".*"<unk>", "<s>", "<\/s>"/,
    ],
    ["tokens that are added", {}, { image_token: "<picture>" }, {}, /lacks.*"<picture>"/],
    [
      "flags",
      {},
      { added_tokens_decoder: { 344: { content: "<image>", rstrip: true, special: true } } },
      {},
      /not tokenizer\.json.*"<image>"/,
    ],
    [
      "ids",
      { added_tokens: added.map((one) => ({ ...one, id: one.id === 345 ? 400 : one.id })) },
      {},
      {},
      /"<pad>" is 345, not 400/,
    ],
    [
      "a begin that is not wished",
      {},
      { add_bos_token: false },
      {},
      /add_bos_token is false.*puts <s> before/,
    ],
    ["an end that is wished", {}, { add_eos_token: true }, {}, /add_eos_token is true.*puts no <\/s> after/],
    [
      "special_tokens_map.json",
      {},
      {},
      { specialTokensMap: { eos_token: "<pad>" } },
      /special_tokens_map\.json counts.*eos_token: <pad>, not <\/s>/,
    ],
  ])("%s", (_, changes, settings, files, message) => {
    const sentences = notes(changes, settings, files);
    expect(sentences).toHaveLength(1);
    expect(sentences[0]).toMatch(message);
  });

  it("nothing the second time", () => {
    const repaired = repairTokenizer(tokenizer, { ...config, image_token: "<picture>" }, "here");
    expect(notes(repaired, { image_token: "<picture>" })).toEqual([]);
  });
});

it("refuses what would take special tokens apart", () => {
  expect(() => repairTokenizer(tokenizer, { split_special_tokens: true }, "here/tokenizer.json")).toThrow(
    expect.objectContaining({ code: "UNSUPPORTED_MODEL" }),
  );
  expect(() => repairTokenizer(tokenizer, { split_special_tokens: false }, "here")).not.toThrow();
});

it.each([
  ["no object", { 344: "<image>" }],
  ["no text", { 344: { special: true } }],
  ["a flag that is none", { 344: { content: "<image>", lstrip: "yes" } }],
])("refuses added tokens with %s", (_, added_tokens_decoder) => {
  expect(() => repairTokenizer(tokenizer, { added_tokens_decoder }, "here/tokenizer.json")).toThrow(
    expect.objectContaining({
      code: "INVALID_FILE",
      message: expect.stringContaining("here/tokenizer.json"),
    }),
  );
});

describe("special_tokens_map.json beside added_tokens.json", () => {
  const addedTokens = { "<image>": 344, "<other>": 345 };
  const decoder = (specialTokensMap: Json) =>
    mergeTokenFiles(config, { addedTokens, specialTokensMap }, undefined, "here").added_tokens_decoder;

  // As transformers 4 reads them; transformers 5 leaves them not special, and normalized.
  it("makes its additional tokens special, as its extra ones", () => {
    expect(decoder({ additional_special_tokens: ["<image>"] })).toEqual(
      decoder({ extra_special_tokens: ["<image>"] }),
    );
    expect(decoder({ additional_special_tokens: [{ content: "<image>" }] })).toMatchObject({
      344: { content: "<image>", special: true, normalized: false },
      345: { content: "<other>", special: false, normalized: true },
    });
  });

  it("gives tokens in the form that other programs read", () => {
    const map = {
      eos_token: { content: "</s>", lstrip: false },
      extra_special_tokens: [{ content: "<cat>" }],
    };
    expect(mergeTokenFiles({}, { specialTokensMap: map }, undefined, "here")).toEqual({
      eos_token: { __type: "AddedToken", content: "</s>", lstrip: false, special: true },
      extra_special_tokens: [{ __type: "AddedToken", content: "<cat>", special: true }],
    });
  });
});

it.each([
  ["split", { pre_tokenizer: { type: "Split", pattern: { String: " " }, behavior: "MergedWithNext" } }],
  [
    "within a sequence",
    {
      pre_tokenizer: {
        type: "Sequence",
        pretokenizers: [{ type: "Punctuation", behavior: "MergedWithPrevious" }],
      },
    },
  ],
  ["prefix of pieces", { model: { type: "BPE", vocab: {}, merges: [], continuing_subword_prefix: "##" } }],
])("refuses a %s that is not run, before a checkpoint is converted", (_, tokenizer) => {
  expect(() => repairTokenizer(tokenizer, {}, "tokenizer.json")).toThrow(
    expect.objectContaining({ code: "UNSUPPORTED_MODEL" }),
  );
});
