import type { AddedToken } from "../../models/files/added-tokens.js";
import { type Piece, Piece_Kind } from "./schema/sentencepiece_pb.js";

/**
 * The `added_tokens` of a tokenizer.json for the reserved pieces of a SentencePiece model, by id. They are found in the
 * text as it is (not `normalized`), as SentencePiece's own users do.
 */
export function reservedTokens(pieces: readonly Piece[]): (AddedToken & { readonly id: number })[] {
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
  const reserved = [Piece_Kind.UNKNOWN, Piece_Kind.CONTROL, Piece_Kind.USER_DEFINED];
  return pieces.flatMap(({ text: content, kind }, id) =>
    reserved.includes(kind) ? [{ id, content, ...flags, special: kind !== Piece_Kind.USER_DEFINED }] : [],
  );
}

/**
 * The vocabulary with the names that `added_tokens_decoder` gives to pieces kept free for later, as transformers renames
 * them (5.23, `TokenizersBackend._convert_from_sentencepiece`).
 */
export function renamedPieces(pieces: readonly Piece[], decoder: unknown): Map<string, number> {
  const vocabulary = new Map(pieces.map(({ text }, id) => [text, id]));
  for (const [key, token] of Object.entries(decoder ?? {})) {
    const piece = pieces[Number(key)]?.text;
    const content: unknown = token?.content;
    if (piece === undefined || typeof content !== "string" || vocabulary.has(content)) continue;
    vocabulary.delete(piece);
    vocabulary.set(content, Number(key));
  }
  return vocabulary;
}
