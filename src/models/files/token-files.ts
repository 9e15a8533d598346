import { join } from "node:path";
import { ConfigReader } from "../config-reader.js";
import { addedToken, readAddedToken } from "./added-tokens.js";
import { type Json, readOptionalJson } from "./json-file.js";
import { namedTokenEntries, tokenText } from "./named-tokens.js";
import { type Note, noNote } from "./note.js";

/** What older tokenizers have beside tokenizer_config.json. */
export interface TokenFiles {
  /** Content of special_tokens_map.json. */
  readonly specialTokensMap?: Json;
  /** Content of added_tokens.json: ids by text. */
  readonly addedTokens?: Json;
}

/**
 * A folder's tokenizer_config.json with what the files beside it add; empty where there is none.
 *
 * @param tokenizer content of the folder's tokenizer.json, where it has one
 * @throws PrumergeError `INVALID_FILE` for a damaged file
 */
export async function readTokenizerConfig(
  folder: string,
  tokenizer: Json | undefined,
  note: Note = noNote,
): Promise<Json> {
  const [config, specialTokensMap, addedTokens] = await Promise.all(
    ["tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"].map((file) =>
      readOptionalJson(join(folder, file)),
    ),
  );
  const files = { ...(specialTokensMap && { specialTokensMap }), ...(addedTokens && { addedTokens }) };
  return mergeTokenFiles(config ?? {}, files, tokenizer, folder, note);
}

/**
 * Puts special_tokens_map.json and added_tokens.json into a tokenizer_config.json, as transformers does at load: they
 * count where tokenizer_config.json has no `added_tokens_decoder`, and then the map's tokens come before its own. Source:
 * `PreTrainedTokenizerBase._from_pretrained`; `additional_special_tokens` make tokens special as in transformers 4.
 */
export function mergeTokenFiles(
  config: Json,
  { specialTokensMap = {}, addedTokens }: TokenFiles,
  tokenizer: Json | undefined,
  folder: string,
  note: Note = noNote,
): Json {
  if (config.added_tokens_decoder !== undefined && config.added_tokens_decoder !== null) return config;
  const merged: Record<string, unknown> = { ...config };
  const mapPlace = `${folder}/special_tokens_map.json`;
  for (const [name, value] of Object.entries(specialTokensMap)) {
    const was = tokenText(config[name]);
    const is = tokenText(value);
    if (was !== undefined && is !== undefined && was !== is) {
      note(`special_tokens_map.json counts, not tokenizer_config.json, for ${name}: ${is}, not ${was}.`);
    }
    if (name === "additional_special_tokens") merged[name] = isEmpty(config[name]) ? value : config[name];
    else if (Array.isArray(value)) merged[name] = joined(config[name], value, mapPlace);
    else merged[name] = typed(value);
  }
  if (addedTokens === undefined) return merged;
  return { ...merged, added_tokens_decoder: decoderOf(addedTokens, merged, tokenizer, folder) };
}

function isEmpty(value: unknown): boolean {
  return !Array.isArray(value) || value.length === 0;
}

/** Tokens of both lists, each text once. */
function joined(own: unknown, more: readonly unknown[], where: string): unknown[] {
  const before: readonly unknown[] = Array.isArray(own) ? own : [];
  const texts = new Set(before.map(tokenText));
  const fresh = more.filter((token) => !texts.has(readAddedToken(token, true, where)?.content));
  return [...before, ...fresh.map(typed)];
}

/** Programs that read tokenizer_config.json know a token that is an object by its type. */
function typed(token: unknown): unknown {
  if (typeof token !== "object" || tokenText(token) === undefined) return token;
  return { __type: "AddedToken", ...token, special: true };
}

/** added_tokens.json in the form of `added_tokens_decoder`; what tokenizer.json says of the same ids comes first. */
function decoderOf(addedTokens: Json, config: Json, tokenizer: Json | undefined, folder: string): Json {
  const extra = [config.extra_special_tokens, config.additional_special_tokens].filter(Array.isArray).flat();
  const special = new Set([...namedTokenEntries(config).map(([, token]) => token), ...extra].map(tokenText));
  const ids = new ConfigReader(addedTokens, `${folder}/added_tokens.json`);
  const listed = Object.keys(addedTokens).map((content) => {
    return [ids.integer(content), addedToken(content, special.has(content))] as const;
  });
  const ready = Array.isArray(tokenizer?.added_tokens) ? (tokenizer.added_tokens as readonly Json[]) : [];
  return Object.fromEntries([...listed, ...ready.map(({ id, ...token }) => [id, token])]);
}
