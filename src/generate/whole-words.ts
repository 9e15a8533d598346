import type { Tokenizer } from "@huggingface/tokenizers";

/** Cuts a text at known words; the pieces joined are the text. */
interface Splitter {
  split(text: string): string[];
}

/** What @huggingface/tokenizers 0.2 keeps of the added tokens, under these names. */
interface Internals {
  readonly added_tokens_map: ReadonlyMap<string, { readonly single_word: boolean }>;
  splitter_unnormalized: Splitter;
  splitter_normalized: Splitter;
}

/**
 * Makes a tokenizer leave those added tokens in their text that must stand alone (`single_word`) and do not: the library
 * reads that flag and does nothing with it. Source: tokenizers, `AddedVocabulary::find_matches`.
 */
export function respectWholeWords(tokenizer: Tokenizer): void {
  const internals = tokenizer as unknown as Internals;
  const { added_tokens_map: known } = internals;
  if (![...known.values()].some((token) => token.single_word)) return;
  const isAlone = (piece: string) => known.get(piece)?.single_word === true;
  for (const name of ["splitter_unnormalized", "splitter_normalized"] as const) {
    const splitter = internals[name];
    internals[name] = { split: (text) => joinTouched(splitter.split(text), text, known, isAlone) };
  }
}

const wordCharacter = "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]";
const endsInWord = new RegExp(`${wordCharacter}$`, "u");
const startsWithWord = new RegExp(`^${wordCharacter}`, "u");

function joinTouched(
  pieces: readonly string[],
  text: string,
  known: ReadonlyMap<string, unknown>,
  isAlone: (piece: string) => boolean,
): string[] {
  const joined: string[] = [];
  let open = "";
  let at = 0;
  for (const piece of pieces) {
    const end = at + piece.length;
    const touched = endsInWord.test(text.slice(0, at)) || startsWithWord.test(text.slice(end));
    if (!known.has(piece) || (isAlone(piece) && touched)) open += piece;
    else {
      if (open !== "") joined.push(open);
      joined.push(piece);
      open = "";
    }
    at = end;
  }
  if (open !== "") joined.push(open);
  return joined;
}
