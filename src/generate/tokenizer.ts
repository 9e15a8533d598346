import { Tokenizer } from "@huggingface/tokenizers";
import { PrumergeError } from "../errors.js";
import { namedTokens } from "../models/files/named-tokens.js";
import { repairTokenizer } from "../models/files/repair-tokenizer.js";
import { repairSplits } from "../models/files/split-repairs.js";
import { respectWholeWords } from "./whole-words.js";

type Json = Readonly<Record<string, unknown>>;

/** What is used of a tokenizer; the library's own type would make its declarations part of ours. */
export interface TextTokenizer {
  encode(text: string, options?: { add_special_tokens: boolean }): { ids: number[] };
  decode(ids: number[], options?: { clean_up_tokenization_spaces: boolean }): string;
  get_added_tokens_decoder(): Iterable<[number, { readonly content: string; readonly special: boolean }]>;
}

/**
 * A tokenizer from the contents of `tokenizer.json` and `tokenizer_config.json`, repaired as transformers does at load.
 *
 * @throws PrumergeError INVALID_FILE where the files do not make one, UNSUPPORTED_MODEL for splits and merges that are not run
 */
export function createTokenizer(tokenizer: Json, config: Json, where: string): TextTokenizer {
  const repaired = {
    ...repairTokenizer(tokenizer, config, where),
    pre_tokenizer: repairSplits(tokenizer.pre_tokenizer, where),
  };
  try {
    // Of the configuration, the library would take flags that transformers passes over where there is a tokenizer.json,
    // and the unknown token, which is the model's.
    const { unk_token } = (tokenizer.model ?? {}) as Json;
    const made = new Tokenizer(repaired, {
      ...namedTokens(config),
      ...(unk_token !== undefined && { unk_token }),
    });
    respectWholeWords(made);
    return made;
  } catch (cause) {
    throw new PrumergeError("INVALID_FILE", "the tokenizer does not load", {
      where,
      found: (cause as Error).message,
      cause,
    });
  }
}
