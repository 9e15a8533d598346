import { Tokenizer } from "@huggingface/tokenizers";
import { PrumergeError } from "../errors.js";
import { namedTokens } from "../models/files/named-tokens.js";
import { repairTokenizer } from "../models/files/repair-tokenizer.js";
import { respectWholeWords } from "./whole-words.js";

type Json = Readonly<Record<string, unknown>>;

/** What is used of a tokenizer; the library's own type would make its declarations part of ours. */
export interface TextTokenizer {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[] };
  decode(ids: number[], options: { clean_up_tokenization_spaces: boolean }): string;
  get_added_tokens_decoder(): Iterable<[number, { readonly special: boolean }]>;
}

/** What @huggingface/tokenizers 0.2 splits otherwise than the Rust library does: wrong ids would go unnoticed. */
const unsupportedSplits: readonly unknown[] = ["MergedWithPrevious", "MergedWithNext", "Contiguous"];

/**
 * A tokenizer from the contents of `tokenizer.json` and `tokenizer_config.json`, repaired as transformers does at load.
 *
 * @throws PrumergeError INVALID_FILE where the files do not make one, UNSUPPORTED_MODEL for splits that are not run
 */
export function createTokenizer(tokenizer: Json, config: Json, where: string): Tokenizer {
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

/** A `Split` on a plain string keeps what it should remove in that library; the same as a pattern does not. */
function repairSplits(step: unknown, where: string): unknown {
  if (typeof step !== "object" || step === null) return step;
  const { type, pretokenizers, behavior, pattern } = step as Json;
  if (type === "Sequence" && Array.isArray(pretokenizers)) {
    return { ...step, pretokenizers: pretokenizers.map((one) => repairSplits(one, where)) };
  }
  if (type !== "Split") return step;
  if (unsupportedSplits.includes(behavior)) {
    throw new PrumergeError("UNSUPPORTED_MODEL", "a tokenizer that is not run", {
      where,
      expected: "splits of behavior Removed or Isolated",
      found: String(behavior),
    });
  }
  const text = (pattern as Json | undefined)?.String;
  if (behavior !== "Removed" || typeof text !== "string") return step;
  return { ...step, pattern: { Regex: text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&") } };
}
