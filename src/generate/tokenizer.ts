import { Tokenizer } from "@huggingface/tokenizers";
import { PrumergeError } from "../errors.js";
import { namedTokens } from "../models/files/named-tokens.js";
import { repairTokenizer } from "../models/files/repair-tokenizer.js";
import { repairSplits } from "./split-repairs.js";
import { respectWholeWords } from "./whole-words.js";

type Json = Readonly<Record<string, unknown>>;

/** What is used of a tokenizer; the library's own type would make its declarations part of ours. */
export interface TextTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
  decode(ids: number[], options: { clean_up_tokenization_spaces: boolean }): string;
  get_added_tokens_decoder(): Iterable<[number, { readonly special: boolean }]>;
}

/**
 * A tokenizer from the contents of `tokenizer.json` and `tokenizer_config.json`, repaired as transformers does at load.
 *
 * @throws PrumergeError INVALID_FILE where the files do not make one, UNSUPPORTED_MODEL for splits and merges that are not run
 */
export function createTokenizer(tokenizer: Json, config: Json, where: string): Tokenizer {
  refusePrefixes(tokenizer.model as Json | null | undefined, where);
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

/** The library takes the setting for a word's later pieces where it decodes, and not where it encodes. */
function refusePrefixes(model: Json | null | undefined, where: string): void {
  const prefix = model?.continuing_subword_prefix;
  if (model?.type !== "BPE" || typeof prefix !== "string" || prefix === "") return;
  throw new PrumergeError("UNSUPPORTED_MODEL", "a tokenizer that is not run", {
    where,
    expected: "no continuing_subword_prefix for merges (BPE)",
    found: JSON.stringify(prefix),
  });
}
