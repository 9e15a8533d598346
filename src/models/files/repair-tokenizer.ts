import { PrumergeError } from "../../errors.js";
import { ConfigReader } from "../config-reader.js";
import { type AddedToken, AddedVocabulary, readAddedToken, readListedToken } from "./added-tokens.js";
import { noteBeginAndEnd } from "./begin-and-end.js";
import type { Json } from "./json-file.js";
import { namedTokenEntries } from "./named-tokens.js";
import { type Note, noNote } from "./note.js";
import { refuseUnrun } from "./split-repairs.js";

export interface RepairOptions {
  readonly note?: Note;
  /**
   * Every added token is found in the text as it is, as tokenizers find them that are not built on tokenizer.json (the
   * original LLaVA code's, and transformers' of tokenizer.model). Default: special tokens alone.
   */
  readonly everyTokenAsItIs?: boolean;
}

/**
 * A tokenizer.json as transformers leaves it at load, for readers that take the file as it is:
 * - added tokens get the ids that the tokenizers library gives them, and the flags of tokenizer_config.json;
 * - tokens that only tokenizer_config.json knows are added (`added_tokens_decoder`, named tokens, extra ones);
 * - special tokens marked "normalized" are found although the normaliser puts something before them.
 *
 * What was repaired once stays as it is. Source: transformers 5.23 `TokenizersBackend.__init__`, `LlamaTokenizer`; files of
 * transformers 4.28 to 4.33 have the last fault (transformers#23818, #24042).
 *
 * @param config content of tokenizer_config.json, with what {@link mergeTokenFiles} knows of the files beside it
 * @param where the tokenizer's path, for messages
 * @throws PrumergeError `INVALID_FILE` for tokens that are none, `UNSUPPORTED_MODEL` for `split_special_tokens`, and for splits and
 * merges that are not run
 */
export function repairTokenizer(
  tokenizer: Json,
  config: Json,
  where: string,
  { note = noNote, everyTokenAsItIs = false }: RepairOptions = {},
): Json {
  if (config.split_special_tokens === true) {
    throw new PrumergeError("UNSUPPORTED_MODEL", "a tokenizer that takes special tokens apart", {
      where,
      expected: "no split_special_tokens in tokenizer_config.json",
      found: "split_special_tokens: true",
    });
  }
  refuseUnrun(tokenizer, where);
  if (!Array.isArray(tokenizer.added_tokens ?? [])) return tokenizer; // refused where it is read
  const vocabulary = new AddedVocabulary(tokenizer.model as Json | null | undefined);
  const listed = (tokenizer.added_tokens ?? []) as readonly Json[];
  for (const token of listed) vocabulary.add(readListedToken(token, false, `${where}, added_tokens`));
  noteIds(listed, vocabulary, note);
  addConfigured(vocabulary, config, where, note);
  noteBeginAndEnd(tokenizer, config, note);
  const added = vocabulary.list();
  return {
    ...tokenizer,
    added_tokens: prepends(tokenizer.normalizer) ? findable(added, everyTokenAsItIs, note) : added,
  };
}

/** Tokens of the configuration, in transformers' order: listed ones, named ones, extra ones. */
function addConfigured(vocabulary: AddedVocabulary, config: Json, where: string, note: Note): void {
  const place = `${where}, tokenizer_config.json`;
  const named = namedTokenEntries(config).map(([name, value]) =>
    readAddedToken(value, typeof value === "string", `${place}, ${name}`),
  );
  const names = new Set(named.map((token) => token?.content));
  const lacking: string[] = [];
  const changed: string[] = [];
  const add = (token: AddedToken) => {
    const special = token.special || names.has(token.content);
    const isNew = vocabulary.get(token.content) === undefined;
    if (vocabulary.add({ ...token, special })) (isNew ? lacking : changed).push(token.content);
  };
  for (const token of listedTokens(config, place)) {
    const before = vocabulary.get(token.content);
    // One that is as tokenizer.json has it stays as it is, whatever its name.
    if (
      before === undefined ||
      Object.entries(token).some(([key, value]) => before[key as "content"] !== value)
    )
      add(token);
  }
  for (const token of [...named, ...extraTokens(config, place)]) {
    if (token !== undefined && vocabulary.get(token.content) === undefined) add(token);
  }
  if (lacking.length > 0)
    note(`tokenizer.json lacks tokens that tokenizer_config.json has, they are added: ${quoted(lacking)}.`);
  if (changed.length > 0)
    note(
      `tokenizer_config.json counts, not tokenizer.json, for the flags of these tokens: ${quoted(changed)}.`,
    );
}

function listedTokens(config: Json, place: string): AddedToken[] {
  const listed = new ConfigReader(config, place).object("added_tokens_decoder");
  return Object.entries((config.added_tokens_decoder ?? {}) as Json)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([id, token]) => readListedToken(token, false, `${listed?.where}, ${id}`));
}

function extraTokens(config: Json, place: string): (AddedToken | undefined)[] {
  const extra = config.extra_special_tokens ?? [];
  const given = Array.isArray(extra) && extra.length > 0 ? extra : (config.additional_special_tokens ?? []);
  if (!Array.isArray(given)) return []; // a map names its tokens
  return given.map((token) => readAddedToken(token, true, `${place}, extra_special_tokens`));
}

/** A normaliser that puts something before every text puts it before a token's own text as well. */
function prepends(normalizer: unknown): boolean {
  if (typeof normalizer !== "object" || normalizer === null) return false;
  const { type, normalizers } = normalizer as Json;
  return type === "Prepend" || (Array.isArray(normalizers) && normalizers.some(prepends));
}

function findable<Token extends AddedToken>(tokens: readonly Token[], every: boolean, note: Note): Token[] {
  const hidden = tokens.filter(({ special, normalized }) => (special || every) && normalized);
  if (hidden.length > 0) {
    note(
      `Tokens are marked as "normalized", under which they would not be found in text; this is put right: ` +
        `${quoted(hidden.map(({ content }) => content))}.`,
    );
  }
  return tokens.map((token) => (hidden.includes(token) ? { ...token, normalized: false } : token));
}

function noteIds(listed: readonly Json[], vocabulary: AddedVocabulary, note: Note): void {
  const moved = listed.flatMap(({ content, id }) => {
    const now = vocabulary.get(content as string)?.id;
    return now === undefined || now === id ? [] : [`${JSON.stringify(content)} is ${now}, not ${id}`];
  });
  if (moved.length > 0)
    note(
      `Ids of added tokens in tokenizer.json are not those that transformers gives them: ${moved.join(", ")}.`,
    );
}

function quoted(tokens: readonly string[]): string {
  return tokens.map((token) => JSON.stringify(token)).join(", ");
}
