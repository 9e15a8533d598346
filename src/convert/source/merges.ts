import { PrumergeError } from "../../errors.js";
import { type Piece, Piece_Kind } from "./schema/sentencepiece_pb.js";

/** UTF-16 units of all merges together; those of the largest vocabularies have about 5 million. */
const characterLimit = 2 ** 25;

/**
 * The merges of a BPE vocabulary in order of priority. SentencePiece joins the two neighbours whose union scores
 * highest; a list of merges says the same by naming every way to split every piece, higher scores first. Splits of one
 * piece are ordered by the ids of their parts, as in transformers' converter.
 *
 * @throws PrumergeError `LIMIT_EXCEEDED` where there are absurdly many
 */
export function deriveMerges(pieces: readonly Piece[], where: string): [left: string, right: string][] {
  const ids = new Map<string, number>();
  // Control pieces and bytes never arise from text.
  for (const [id, { text, kind }] of pieces.entries()) if (kind === Piece_Kind.NORMAL) ids.set(text, id);
  const merges: { left: string; right: string; score: number }[] = [];
  let characters = 0;
  for (const [text, id] of ids) {
    const { score } = pieces[id]!;
    for (const [left, right] of splits(text, ids)) {
      merges.push({ left, right, score });
      characters += text.length;
    }
    if (characters > characterLimit) {
      throw new PrumergeError("LIMIT_EXCEEDED", "absurdly many ways to split the pieces of a vocabulary", {
        where,
        expected: `at most ${characterLimit} characters in all of them`,
      });
    }
  }
  return merges.sort((a, b) => b.score - a.score).map(({ left, right }) => [left, right]);
}

function splits(text: string, ids: ReadonlyMap<string, number>): [string, string][] {
  const found: [string, string][] = [];
  let at = 0;
  for (const character of text) {
    at += character.length;
    if (at === text.length) break;
    const left = text.slice(0, at);
    if (!ids.has(left)) continue;
    const right = text.slice(at);
    if (ids.has(right)) found.push([left, right]);
  }
  const order = ([left, right]: [string, string]) => [ids.get(left)!, ids.get(right)!] as const;
  return found.sort((a, b) => order(a)[0] - order(b)[0] || order(a)[1] - order(b)[1]);
}
