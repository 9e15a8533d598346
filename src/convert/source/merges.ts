import { type Piece, Piece_Kind } from "./schema/sentencepiece_pb.js";

/**
 * The merges of a BPE vocabulary in order of priority. SentencePiece joins the two neighbours whose union scores
 * highest; a list of merges says the same by naming every way to split every piece, higher scores first. Splits of one
 * piece are ordered by the ids of their parts, as in transformers' converter.
 */
export function deriveMerges(pieces: readonly Piece[]): [left: string, right: string][] {
  const ids = new Map<string, number>();
  // Control pieces and bytes never arise from text.
  for (const [id, { text, kind }] of pieces.entries()) if (kind === Piece_Kind.NORMAL) ids.set(text, id);
  const merges: { left: string; right: string; score: number }[] = [];
  for (const text of ids.keys()) {
    const { score } = pieces[ids.get(text)!]!;
    merges.push(...splits(text, ids).map(([left, right]) => ({ left, right, score })));
  }
  return merges.sort((a, b) => b.score - a.score).map(({ left, right }) => [left, right]);
}

function splits(text: string, ids: ReadonlyMap<string, number>): [string, string][] {
  const characters = Array.from(text);
  const found: [string, string][] = [];
  for (let i = 1; i < characters.length; i++) {
    const left = characters.slice(0, i).join("");
    const right = characters.slice(i).join("");
    if (ids.has(left) && ids.has(right)) found.push([left, right]);
  }
  const order = ([left, right]: [string, string]) => [ids.get(left)!, ids.get(right)!] as const;
  return found.sort((a, b) => order(a)[0] - order(b)[0] || order(a)[1] - order(b)[1]);
}
