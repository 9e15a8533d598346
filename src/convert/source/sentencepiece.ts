import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { PrumergeError } from "../../errors.js";
import type { Json } from "../../models/files/json-file.js";
import { type Note, noNote } from "../../models/files/note.js";
import { repairTokenizer } from "../../models/files/repair-tokenizer.js";
import { renamedPieces, reservedTokens } from "./added-tokens.js";
import { deriveMerges } from "./merges.js";
import {
  type Model,
  ModelSchema,
  type Piece,
  Piece_Kind,
  Trainer_Algorithm,
} from "./schema/sentencepiece_pb.js";

export interface SentencePieceOptions {
  /** Content of tokenizer_config.json, with what the files beside it add; its added tokens and flags count. */
  readonly tokenizerConfig: Json;
  /**
   * Whether the text after every special token gets the leading space that sentences begin with, not only the first.
   * The original LLaVA code tokenises the text before and after a picture apart, which is the same.
   */
  readonly prefixEverySection: boolean;
  readonly note?: Note;
}

/** Far above the largest vocabularies there are. */
const pieceLimit = 1_000_000;
/** UTF-16 units; SentencePiece learns pieces of 16 characters unless told otherwise. */
const pieceLengthLimit = 1024;

/**
 * Turns a SentencePiece BPE model (`tokenizer.model`) into the content of a `tokenizer.json` that gives the same ids, as
 * transformers' Llama converter does: pieces as vocabulary, merges from their scores, bytes for what is unknown.
 *
 * @throws PrumergeError `UNSUPPORTED_MODEL` for unigram models and for those that change the text first,
 * `LIMIT_EXCEEDED` for absurdly many or long pieces, `INVALID_FILE` for anything that is no such model.
 */
export function convertSentencePiece(bytes: Uint8Array, where: string, options: SentencePieceOptions): Json {
  const model = decode(bytes, where);
  checkAlgorithm(model, where);
  const { pieces } = model;
  const { tokenizerConfig, prefixEverySection, note = noNote } = options;
  const vocabulary = renamedPieces(pieces, tokenizerConfig.added_tokens_decoder);
  const unknown = pieces.find(({ kind }) => kind === Piece_Kind.UNKNOWN);
  if (unknown === undefined || vocabulary.size !== pieces.length) {
    throw new PrumergeError("INVALID_FILE", "not a usable vocabulary", {
      where,
      ...(unknown === undefined
        ? { expected: "an unknown piece", found: "none" }
        : { expected: "every piece once", found: "repeated pieces" }),
    });
  }
  const prefix = (model.normalizer?.addDummyPrefix ?? true) && tokenizerConfig.add_prefix_space !== false;
  const tokenizer = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: reservedTokens(pieces),
    ...spacing(prefix, prefixEverySection),
    post_processor: postProcessor(pieces, tokenizerConfig),
    decoder: decoder(prefix),
    model: {
      type: "BPE",
      dropout: null,
      unk_token: unknown.text,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: pieces.some(({ kind }) => kind === Piece_Kind.BYTE),
      vocab: Object.fromEntries(vocabulary),
      merges: deriveMerges(pieces, where).map(([left, right]) => `${left} ${right}`),
    },
  };
  return repairTokenizer(tokenizer, tokenizerConfig, where, { note, everyTokenAsItIs: true });
}

function decode(bytes: Uint8Array, where: string): Model {
  let model: Model | undefined;
  try {
    // A piece takes two bytes in the file and a hundred in memory.
    checkLimit("pieces", countPieces(bytes), pieceLimit, where);
    model = fromBinary(ModelSchema, bytes, { readUnknownFields: false });
  } catch (error) {
    if (PrumergeError.isInstance(error)) throw error;
  }
  if (model === undefined || model.pieces.length === 0 || model.trainer === undefined)
    throw new PrumergeError("INVALID_FILE", "not a SentencePiece model", { where });
  for (const { text } of model.pieces)
    checkLimit("characters in a piece", text.length, pieceLengthLimit, where);
  return model;
}

function countPieces(bytes: Uint8Array): number {
  const reader = new BinaryReader(bytes);
  let count = 0;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === ModelSchema.field.pieces.number) count++;
    reader.skip(wireType, field);
  }
  return count;
}

function checkLimit(what: string, found: number, limit: number, where: string): void {
  if (found <= limit) return;
  throw new PrumergeError("LIMIT_EXCEEDED", "an absurdly large vocabulary", {
    where,
    expected: `at most ${limit} ${what}`,
    found: `${found}`,
  });
}

function checkAlgorithm({ trainer, normalizer, pieces }: Model, where: string): void {
  const refuse = (expected: string, found: string) =>
    new PrumergeError("UNSUPPORTED_MODEL", "a SentencePiece model of a kind that is not converted", {
      where,
      expected,
      found,
      help: "Give a tokenizer.json beside it.",
    });
  const algorithm = trainer?.algorithm ?? Trainer_Algorithm.UNIGRAM;
  if (algorithm !== Trainer_Algorithm.BPE) throw refuse("BPE", Trainer_Algorithm[algorithm]);
  if (normalizer === undefined) return;
  if (normalizer.replacements.length > 0) throw refuse("text taken as it is", "a table of replacements");
  if (normalizer.removeExtraWhitespaces) throw refuse("spaces kept", "remove_extra_whitespaces");
  if (!normalizer.escapeWhitespaces) throw refuse("escaped spaces", "escape_whitespaces false");
  if (pieces.some(({ text }) => text.includes(" "))) throw refuse("escaped spaces", "a piece with a space");
}

const space = "\u2581";

/** How spaces become part of pieces, and where one is put before the text. */
function spacing(prefix: boolean, everySection: boolean): Json {
  if (prefix && !everySection) {
    const metaspace = { type: "Metaspace", replacement: space, prepend_scheme: "first", split: false };
    return { normalizer: null, pre_tokenizer: metaspace };
  }
  const replace = { type: "Replace", pattern: { String: " " }, content: space };
  const normalizers = prefix ? [{ type: "Prepend", prepend: space }, replace] : [replace];
  return { normalizer: { type: "Sequence", normalizers }, pre_tokenizer: null };
}

function decoder(prefix: boolean): Json {
  const decoders = [
    { type: "Replace", pattern: { String: space }, content: " " },
    { type: "ByteFallback" },
    { type: "Fuse" },
    ...(prefix ? [{ type: "Strip", content: " ", start: 1, stop: 0 }] : []),
  ];
  return { type: "Sequence", decoders };
}

/** `<s>` before every prompt and `</s>` after it, where the configuration says so; by default only the former. */
function postProcessor(pieces: readonly Piece[], { add_bos_token, add_eos_token }: Json): Json | null {
  const [begin, end] = pieces.filter(({ kind }) => kind === Piece_Kind.CONTROL).map(({ text }) => text);
  const before = begin !== undefined && add_bos_token !== false ? [begin] : [];
  const after = end !== undefined && add_eos_token === true ? [end] : [];
  if (before.length + after.length === 0) return null;
  const sequence = (id: string, type_id: number) => [
    ...before.map((token) => ({ SpecialToken: { id: token, type_id } })),
    { Sequence: { id, type_id } },
    ...after.map((token) => ({ SpecialToken: { id: token, type_id } })),
  ];
  const special = [...before, ...after].map((token) => {
    const id = pieces.findIndex(({ text }) => text === token);
    return [token, { id: token, ids: [id], tokens: [token] }];
  });
  return {
    type: "TemplateProcessing",
    single: sequence("A", 0),
    pair: [...sequence("A", 0), ...sequence("B", 1)],
    special_tokens: Object.fromEntries(special),
  };
}
