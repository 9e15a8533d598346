import type { Json } from "./json-file.js";

/** Named tokens that every tokenizer of transformers can have, in its order. */
const standard = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

/**
 * The named tokens of a tokenizer_config.json: the standard ones, then a model's own (`image_token`, ..., or a map in
 * `extra_special_tokens`).
 *
 * @returns names with their values as they stand in the file: strings, or objects with `content`
 */
export function namedTokenEntries(config: Json): [name: string, value: unknown][] {
  const own = Object.entries(config).filter(
    ([name, value]) => name.endsWith("_token") && !standard.includes(name) && tokenText(value) !== undefined,
  );
  const extra = config.extra_special_tokens;
  const map = typeof extra === "object" && extra !== null && !Array.isArray(extra) ? (extra as Json) : {};
  const first = standard.map((name): [string, unknown] => [name, config[name]]);
  return [...first, ...own, ...Object.entries(map)].filter(([, value]) => tokenText(value) !== undefined);
}

/** Texts of the named tokens, as chat templates print them. */
export function namedTokens(config: Json): Record<string, string> {
  return Object.fromEntries(namedTokenEntries(config).map(([name, value]) => [name, tokenText(value)!]));
}

/** The text of a token as tokenizer_config.json gives it: a string, or an object with `content`. */
export function tokenText(token: unknown): string | undefined {
  const text = typeof token === "object" && token !== null ? (token as Json).content : token;
  return typeof text === "string" ? text : undefined;
}
