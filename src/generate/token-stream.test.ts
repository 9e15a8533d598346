import { readFileSync } from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TokenStream } from "./token-stream.js";

const goldens = new URL("../../test/fixtures/goldens/", import.meta.url);
const json = (path: string) => JSON.parse(readFileSync(new URL(path, goldens), "utf8"));
const tokenizer = (folder: string) =>
  new Tokenizer(json(`${folder}/tokenizer.json`), json(`${folder}/tokenizer_config.json`));

function stream(decoder: Tokenizer, ids: readonly number[]): string[] {
  const texts = new TokenStream(decoder);
  return [...ids.map((id) => texts.push(id)), texts.flush()];
}

interface Case {
  readonly name: string;
  readonly inputs: { readonly model: string };
  readonly expected: { readonly greedy_ids: number[]; readonly greedy_text: string };
}

describe("TokenStream", () => {
  const cases: Case[] = json("llava/manifest.json").cases;
  it.each(cases.map((one) => [one.name, one] as const))("%s: the text that transformers made", (_, one) => {
    const pieces = stream(tokenizer(`llava/${one.inputs.model}`), one.expected.greedy_ids);
    expect(pieces.join("")).toBe(one.expected.greedy_text);
  });

  const byteLevel = new Tokenizer(
    {
      model: { type: "BPE", vocab: byteVocabulary(), merges: [] },
      decoder: { type: "ByteLevel" },
      normalizer: null,
      pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, use_regex: false },
      post_processor: null,
      added_tokens: [{ id: 256, content: "</s>", special: true }],
    },
    {},
  );
  const byteFallback = new Tokenizer(
    {
      model: {
        type: "BPE",
        vocab: fallbackVocabulary(),
        merges: [],
        byte_fallback: true,
        unk_token: "<unk>",
        fuse_unk: true,
      },
      decoder: {
        type: "Sequence",
        decoders: [
          { type: "Replace", pattern: { String: "\u2581" }, content: " " },
          { type: "ByteFallback" },
          { type: "Fuse" },
          { type: "Strip", content: " ", start: 1, stop: 0 },
        ],
      },
      normalizer: {
        type: "Sequence",
        normalizers: [
          { type: "Prepend", prepend: "\u2581" },
          { type: "Replace", pattern: { String: " " }, content: "\u2581" },
        ],
      },
      pre_tokenizer: null,
      post_processor: null,
      added_tokens: [{ id: 2, content: "</s>", special: true, normalized: false }],
    },
    {},
  );

  it.each([
    ["ByteLevel", byteLevel],
    ["ByteFallback", byteFallback],
  ])("%s: never splits a character, and the pieces joined are the text", (_, decoder) => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 12 }), (raw) => {
        const text = raw.replaceAll("\uFFFD", "").replaceAll("\uFEFF", "").replaceAll("\u2581", "");
        fc.pre(text.trim() !== "" && wellFormed(text));
        const ids = decoder.encode(text, { add_special_tokens: false }).ids;
        const pieces = stream(decoder, ids);
        expect(pieces.join("")).toBe(text);
        for (const piece of pieces) expect(wellFormed(piece) && !piece.includes("\uFFFD")).toBe(true);
      }),
    );
  });

  it("hands characters out as soon as they are whole", () => {
    const ids = byteLevel.encode("a\u00E9\u{1F600}b", { add_special_tokens: false }).ids;
    expect(stream(byteLevel, ids)).toEqual(["a", "", "\u00E9", "", "", "", "\u{1F600}", "b", ""]);
  });

  it("prints a replacement character for bytes that are none, and goes on", () => {
    const id = (byte: number) => byteVocabulary()[byteCharacter(byte)]!;
    expect(stream(byteLevel, [id(0x80), id(0x80), id(0x61), id(0xe2)])).toEqual([
      "",
      "\uFFFD",
      "\uFFFDa",
      "",
      "\uFFFD",
    ]);
  });

  it("keeps the space after a special token", () => {
    const ids = [...byteFallback.encode("one two", { add_special_tokens: false }).ids];
    const space = ids.findIndex((id, at) => at > 0 && id === ids[0]);
    ids.splice(space, 0, 2);
    expect(stream(byteFallback, ids).join("")).toBe("one two");
  });
});

/** GPT-2's printable stand-ins for the 256 bytes. */
function byteCharacter(byte: number): string {
  const printable = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  if (printable(byte)) return String.fromCharCode(byte);
  let shifted = 256;
  for (let b = 0; b < byte; b++) if (!printable(b)) shifted++;
  return String.fromCharCode(shifted);
}

function byteVocabulary(): Record<string, number> {
  return Object.fromEntries(Array.from({ length: 256 }, (_, byte) => [byteCharacter(byte), byte]));
}

/** Llama's layout: three special tokens, the bytes, then a few characters; all others fall back to bytes. */
function fallbackVocabulary(): Record<string, number> {
  const hex = (byte: number) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
  const tokens = ["<unk>", "<s>", "</s>", ...Array.from({ length: 256 }, (_, byte) => hex(byte))];
  tokens.push("\u2581", ..."abcdefghijklmnopqrstuvwxyz");
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
}

function wellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
