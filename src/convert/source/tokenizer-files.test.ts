import { cpSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { describe, expect, it } from "vitest";
import { goldenPath, temporaryFolder, writeJson } from "../../../test/support/checkpoint-folder.js";
import { refusal } from "../../../test/support/refusal.js";
import { modelCases, tokenizerCases } from "../../../test/support/tokenizer-cases.js";
import type { Json } from "../../models/files/json-file.js";
import { readTokenizerFiles } from "./tokenizer-files.js";

it("does not read a tokenizer.model of absurd size", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "tokenizer.model");
  writeFileSync(path, "");
  truncateSync(path, 64 * 2 ** 20 + 1);
  const error = await refusal("LIMIT_EXCEEDED", () => readTokenizerFiles(folder, "original"));
  expect(error.message).toMatch(/tokenizer\.model: .*at most 67108864 bytes, found 67108865 bytes/);
});

/** What a reader that takes tokenizer.json as it is makes of it, as transformers.js does. */
const plainReader = (tokenizer: Json) => new Tokenizer(tokenizer, {});

describe("the written tokenizer.json gives transformers' ids as it stands", () => {
  // The library does nothing with single_word; ours is in createTokenizer.
  const cases = tokenizerCases().filter(({ name }) => !/whole words|remove_space/.test(name));
  it.each(cases.map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const folder = temporaryFolder();
    writeJson(folder, "tokenizer.json", one.tokenizer);
    writeJson(folder, "tokenizer_config.json", one.config);
    for (const [name, content] of Object.entries(one.files)) writeJson(folder, `${name}.json`, content);
    const reader = plainReader((await readTokenizerFiles(folder, "hugging-face")).tokenizer);
    expect(one.texts.map(({ text }) => reader.encode(text).ids)).toEqual(one.texts.map(({ ids }) => ids));
  });
});

describe("tokenizer.model alone gives the ids of transformers' LlamaTokenizer", () => {
  it.each(modelCases().map((one) => [one.name, one] as const))("%s", async (_, one) => {
    const folder = temporaryFolder();
    cpSync(join(goldenPath("lora/lora-a/tiny-vicuna"), "tokenizer.model"), join(folder, "tokenizer.model"));
    writeJson(folder, "tokenizer_config.json", one.config);
    for (const [name, content] of Object.entries(one.files)) writeJson(folder, `${name}.json`, content);
    const { tokenizer } = await readTokenizerFiles(folder, "hugging-face");
    const reader = plainReader(tokenizer);
    expect(one.texts.map(({ text }) => reader.encode(text).ids)).toEqual(one.texts.map(({ ids }) => ids));
    const added = (tokenizer.added_tokens as { id: number; content: string }[]).map(({ id, content }) => [
      id,
      content,
    ]);
    expect(Object.fromEntries(added)).toEqual(one.added);
  });
});
