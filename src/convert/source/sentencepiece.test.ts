import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { Tokenizer } from "@huggingface/tokenizers";
import { describe, expect, it } from "vitest";
import { refusal } from "../../../test/support/refusal.js";
import type { Json } from "../../models/files/json-file.js";
import { ModelSchema, Piece_Kind, Trainer_Algorithm } from "./schema/sentencepiece_pb.js";
import { convertSentencePiece, type SentencePieceOptions } from "./sentencepiece.js";

const path = (name: string) =>
  fileURLToPath(new URL(`../../../test/fixtures/checkpoints/${name}`, import.meta.url));
const vicuna = "../goldens/lora/lora-a/tiny-vicuna/tokenizer.model";
const convert = (name: string, options: Partial<SentencePieceOptions> = {}) =>
  convertSentencePiece(readFileSync(path(name)), name, {
    tokenizerConfig: { add_bos_token: false },
    prefixEverySection: true,
    ...options,
  });

interface Recorded {
  readonly text: string;
  readonly ids: readonly number[];
  readonly decoded?: string | null;
}
/** By model: what sentencepiece itself gives; `fast`: what transformers' fast tokenizer gives for spaces.model. */
const { fast, ...recorded }: { fast: Recorded[] } & Record<string, Recorded[]> = JSON.parse(
  readFileSync(path("tokens.json"), "utf8"),
);

describe.each(Object.keys(recorded))("%s gives the ids of sentencepiece", (name) => {
  const tokenizer = new Tokenizer(convert(name), {});
  const texts = recorded[name]!.filter(({ decoded }) => decoded !== null); // others: user-defined symbols, below
  it.each(texts)("$text", ({ text, ids, decoded }) => {
    expect(tokenizer.encode(text).ids).toEqual(ids);
    // The tokenizer library drops a byte order mark when it puts bytes together.
    if (ids.length > 0) expect(tokenizer.decode([...ids])).toBe(decoded!.replace("\ufeff", ""));
  });
});

describe("with a prefix for the first section only, it gives the ids of transformers", () => {
  const tokenizer = new Tokenizer(convert("spaces.model", { prefixEverySection: false }), {});
  it.each(fast)("$text", ({ text, ids }) => {
    expect(tokenizer.encode(text).ids).toEqual(ids);
  });

  it("and those of sentencepiece around user-defined symbols", () => {
    const { text, ids } = recorded["spaces.model"]!.at(-1)!;
    expect(text).toContain("<image_patch>");
    expect(tokenizer.encode(text).ids).toEqual(ids);
  });
});

it("equals transformers' conversion in vocabulary and merges", () => {
  const own = convert(vicuna).model as Json;
  const theirs = JSON.parse(readFileSync(path(vicuna.replace(".model", ".json")), "utf8")).model;
  expect(own.vocab).toEqual(theirs.vocab);
  expect(own.merges).toEqual(theirs.merges);
  for (const key of ["unk_token", "fuse_unk", "byte_fallback"]) expect(own[key]).toBe(theirs[key]);
});

describe("special tokens", () => {
  const encode = (options: Partial<SentencePieceOptions>, text: string) =>
    new Tokenizer(convert(vicuna, options), {}).encode(text).ids;
  const plain = (text: string) => encode({}, text);

  it("adds the beginning unless told not to, and the end where told to", () => {
    const ids = plain("the cat");
    expect(encode({ tokenizerConfig: {} }, "the cat")).toEqual([1, ...ids]);
    expect(encode({ tokenizerConfig: { add_eos_token: true } }, "the cat")).toEqual([1, ...ids, 2]);
  });

  it("finds them within text, which begins anew after them", () => {
    expect(plain("a</s>b")).toEqual([...plain("a"), 2, ...plain("b")]);
  });

  it("knows those added after training", () => {
    const flags = { special: false, normalized: true };
    const added = { add_bos_token: false, added_tokens_decoder: { 344: { content: "<image>", ...flags } } };
    expect(encode({ tokenizerConfig: added }, "a<image>b")).toEqual([...plain("a"), 344, ...plain("b")]);
    const decoder = { 344: { content: "<image>", lstrip: true, rstrip: false, special: true } };
    const tokenizerConfig = { add_bos_token: false, added_tokens_decoder: decoder };
    expect(encode({ tokenizerConfig }, "a <image>b")).toEqual([...plain("a"), 344, ...plain("b")]);
  });
});

describe("other models are refused by kind", () => {
  it.each([
    ["unigram.model", /BPE, found UNIGRAM/],
    ["rules.model", /replacements/],
    ["squeeze.model", /remove_extra_whitespaces/],
  ])("%s", async (name, message) => {
    expect((await refusal("UNSUPPORTED_MODEL", () => convert(name))).message).toMatch(message);
  });

  it.each<[string, Partial<SentencePieceOptions>]>([
    ["without a text", { tokenizerConfig: { added_tokens_decoder: { 344: { special: true } } } }],
    ["that are no objects", { tokenizerConfig: { added_tokens_decoder: { 344: "<image>" } } }],
  ])("added tokens %s", async (_, options) => {
    await refusal("INVALID_FILE", () => convert(vicuna, options));
  });

  /** A model of these pieces, the first of them the unknown one. */
  const made = (...texts: string[]) => {
    const trainer = { algorithm: Trainer_Algorithm.BPE };
    const normalizer = { removeExtraWhitespaces: false };
    const pieces = texts.map((text, id) => ({
      text,
      kind: id === 0 ? Piece_Kind.UNKNOWN : Piece_Kind.NORMAL,
    }));
    return toBinary(ModelSchema, create(ModelSchema, { pieces, trainer, normalizer }));
  };
  const letters = (count: number) => "a".repeat(count);
  const tooMany = new Uint8Array(2_000_002).map((_, i) => (i % 2 === 0 ? 0x0a : 0));
  it.each([
    ["too many pieces", tooMany, "LIMIT_EXCEEDED", /at most 1000000 pieces, found 1000001/],
    [
      "a piece without end",
      made("?", letters(1025)),
      "LIMIT_EXCEEDED",
      /1024 characters in a piece, found 1025/,
    ],
    [
      "pieces that all split in all ways",
      made("?", ...Array.from({ length: 1024 }, (_, i) => letters(i + 1))),
      "LIMIT_EXCEEDED",
      /ways to split/,
    ],
    ["repeated pieces", made("?", "a", "a"), "INVALID_FILE", /every piece once, found repeated pieces/],
  ] as const)("%s", async (_, bytes, code, message) => {
    const options = { tokenizerConfig: {}, prefixEverySection: true };
    expect((await refusal(code, () => convertSentencePiece(bytes, "made", options))).message).toMatch(
      message,
    );
  });

  it("not those of long pieces", () => {
    const options = { tokenizerConfig: {}, prefixEverySection: true };
    const { model } = convertSentencePiece(made("?", letters(1024), letters(1023), "a"), "made", options);
    expect(model).toMatchObject({ merges: [`${letters(1023)} a`, `a ${letters(1023)}`] });
  });

  it("damaged files", async () => {
    const bytes = readFileSync(path("spaces.model"));
    const options = { tokenizerConfig: {}, prefixEverySection: true };
    for (const bad of [new Uint8Array(0), bytes.subarray(0, 1001), new TextEncoder().encode("{}")]) {
      await refusal("INVALID_FILE", () => convertSentencePiece(bad, "bad", options));
    }
  });
});
