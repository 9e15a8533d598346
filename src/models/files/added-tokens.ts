import { ConfigReader } from "../config-reader.js";
import type { Json } from "./json-file.js";

/** How a token added to a vocabulary is found in text, with tokenizer.json's names. */
export interface AddedToken {
  readonly content: string;
  /** Only where no letter, digit or underscore touches it. */
  readonly single_word: boolean;
  /** Takes the white space before it along. */
  readonly lstrip: boolean;
  /** Takes the white space after it along. */
  readonly rstrip: boolean;
  /** Looked for after the normaliser has changed the text, in a form that it has changed as well. */
  readonly normalized: boolean;
  /** Leaves no text behind where an answer is decoded. */
  readonly special: boolean;
}

/**
 * An added token as any of the small files gives it: a string, or an object that leaves out what is default.
 *
 * @param special where the object does not say
 * @param where for messages
 * @returns `undefined` where there is none
 * @throws PrumergeError `INVALID_FILE` for anything else
 */
export function readAddedToken(value: unknown, special: boolean, where: string): AddedToken | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? addedToken(value, special) : readListedToken(value, special, where);
}

/** The same where only an object will do. @throws PrumergeError `INVALID_FILE` for anything else */
export function readListedToken(value: unknown, special: boolean, where: string): AddedToken {
  const token = new ConfigReader(value, where);
  const isSpecial = token.boolean("special", special);
  return {
    content: token.string("content"),
    single_word: token.boolean("single_word", false),
    lstrip: token.boolean("lstrip", false),
    rstrip: token.boolean("rstrip", false),
    normalized: token.boolean("normalized", !isSpecial),
    special: isSpecial,
  };
}

/** The token that transformers makes of a plain string. */
export function addedToken(content: string, special: boolean): AddedToken {
  return { content, single_word: false, lstrip: false, rstrip: false, normalized: !special, special };
}

/**
 * Tokens added to a vocabulary, with the ids that the tokenizers library gives them whatever a file says: a token of the
 * vocabulary keeps its id, any other comes after all in use. The last one of the same text counts, but what was special
 * once stays so.
 */
export class AddedVocabulary {
  readonly #known: (text: string) => number | undefined;
  readonly #size: () => number;
  readonly #tokens = new Map<string, AddedToken & { readonly id: number }>();

  /** @param model of a tokenizer.json */
  constructor(model: Json | null | undefined) {
    const vocabulary = model?.vocab;
    // A unigram vocabulary is a list of [token, score].
    const listed = Array.isArray(vocabulary)
      ? new Map(vocabulary.map((entry, id) => [entry?.[0] as unknown, id]))
      : undefined;
    const object = listed === undefined ? ((vocabulary ?? {}) as Json) : {};
    this.#known = (text) =>
      listed?.get(text) ?? (Object.hasOwn(object, text) ? (object[text] as number) : undefined);
    let size = listed?.size;
    this.#size = () => {
      size ??= Object.keys(object).length;
      return size;
    };
  }

  /** @returns whether anything changed */
  add(token: AddedToken): boolean {
    const { content } = token;
    const before = this.#tokens.get(content);
    if (content === "" || (before !== undefined && sameFlags(before, token))) return false;
    const id = before?.id ?? this.#known(content) ?? this.#next();
    const special = token.special || before?.special === true;
    this.#tokens.set(content, { id, ...token, special }); // in the order of tokenizer.json
    return true;
  }

  get(content: string): (AddedToken & { readonly id: number }) | undefined {
    return this.#tokens.get(content);
  }

  /** As tokenizer.json lists them: by id. */
  list(): (AddedToken & { readonly id: number })[] {
    return [...this.#tokens.values()].sort((a, b) => a.id - b.id);
  }

  #next(): number {
    return [...this.#tokens.values()].reduce((next, { id }) => Math.max(next, id + 1), this.#size());
  }
}

const flags = ["single_word", "lstrip", "rstrip", "normalized", "special"] as const;

function sameFlags(a: AddedToken, b: AddedToken): boolean {
  return flags.every((flag) => a[flag] === b[flag]);
}
