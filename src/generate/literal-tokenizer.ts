import { randomName } from "./random-name.js";
import { createTokenizer, type TextTokenizer } from "./tokenizer.js";

type Json = Readonly<Record<string, unknown>>;

/** A tokenizer for which the image token's text is text like any other. */
export interface LiteralTokenizer {
  readonly tokenizer: TextTokenizer;
  /** What stands for a picture in the texts that it is given; nobody outside knows it. */
  readonly place: string;
}

/**
 * Makes, when first asked for, the model's tokenizer again with the image token under a name that nobody can write: the
 * id, what is stripped around it and all other tokens stay as they are. Most models never need it, and a large
 * vocabulary takes a while to read.
 *
 * @param where of the tokenizer, for messages
 */
export function literalTokenizer(
  tokenizer: Json,
  config: Json,
  imageToken: string,
  where: string,
): () => LiteralTokenizer {
  const memory: { made?: LiteralTokenizer } = {};
  return () => {
    memory.made ??= makeLiteral(tokenizer, config, imageToken, where);
    return memory.made;
  };
}

function makeLiteral(tokenizer: Json, config: Json, imageToken: string, where: string): LiteralTokenizer {
  const place = `<${randomName()}>`;
  const { model, ...rest } = tokenizer;
  const { vocab, ...settings } = (model ?? {}) as Json;
  const renamed = {
    ...(renameIn(rest, imageToken, place) as Json),
    model: { ...settings, vocab: renameEntry(vocab, imageToken, place) },
  };
  const renamedConfig = renameIn(config, imageToken, place) as Json;
  return { tokenizer: createTokenizer(renamed, renamedConfig, where), place };
}

/** A vocabulary of any kind, a record of ids or a list of [piece, score], with one entry under another name. */
function renameEntry(vocab: unknown, from: string, to: string): unknown {
  if (Array.isArray(vocab)) return vocab.map((entry) => (entry?.[0] === from ? [to, entry[1]] : entry));
  if (typeof vocab !== "object" || vocab === null || !Object.hasOwn(vocab, from)) return vocab;
  const { [from]: id, ...others } = vocab as Json;
  return { ...others, [to]: id };
}

/** Every string that is the name, at any depth. */
function renameIn(value: unknown, from: string, to: string): unknown {
  if (value === from) return to;
  if (Array.isArray(value)) return value.map((one) => renameIn(one, from, to));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, renameIn(one, from, to)]));
}
