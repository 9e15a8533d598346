import { ConfigReader } from "../../models/config-reader.js";
import type { Json } from "../../models/files/json-file.js";
import { type Piece, Piece_Kind } from "./schema/sentencepiece_pb.js";

export interface AddedTokenFiles {
  /** Content of tokenizer_config.json; its `added_tokens_decoder` counts. */
  readonly tokenizerConfig: Json;
  /** Content of added_tokens.json: tokens added after training, with their ids. */
  readonly addedTokens?: Json;
}

/**
 * The `added_tokens` of a tokenizer.json: the reserved pieces of a SentencePiece model and the tokens added after its
 * training, by id. They are found in the text as it is (not `normalized`), as SentencePiece's own users do.
 *
 * @throws PrumergeError `INVALID_FILE` where an added token lacks its text or id.
 */
export function addedTokens(
  pieces: readonly Piece[],
  { tokenizerConfig, addedTokens = {} }: AddedTokenFiles,
  where: string,
): Json[] {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  const tokens = new Map<number, Json>();
  const reserved = [Piece_Kind.UNKNOWN, Piece_Kind.CONTROL, Piece_Kind.USER_DEFINED];
  for (const [id, { text: content, kind }] of pieces.entries()) {
    if (!reserved.includes(kind)) continue;
    tokens.set(id, { id, content, ...flags, special: kind !== Piece_Kind.USER_DEFINED });
  }
  const added = new ConfigReader(addedTokens, `${where}, added_tokens.json`);
  for (const content of Object.keys(addedTokens)) {
    const id = added.integer(content);
    if (pieces[id]?.text !== content) tokens.set(id, { id, content, ...flags, special: true });
  }
  const config = new ConfigReader(tokenizerConfig, `${where}, tokenizer_config.json`);
  const decoder = config.object("added_tokens_decoder");
  for (const key of Object.keys(tokenizerConfig.added_tokens_decoder ?? {})) {
    const token = decoder?.object(key);
    if (token === undefined) continue;
    tokens.set(Number(key), {
      id: Number(key),
      content: token.string("content"),
      single_word: token.boolean("single_word", false),
      lstrip: token.boolean("lstrip", false),
      rstrip: token.boolean("rstrip", false),
      normalized: false,
      special: token.boolean("special", true),
    });
  }
  return [...tokens].sort(([a], [b]) => a - b).map(([, token]) => token);
}
