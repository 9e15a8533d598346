import { PrumergeError } from "../../errors.js";
import type { ModelSpec } from "../spec.js";
import type { Json } from "./json-file.js";
import { tokenText } from "./named-tokens.js";

export interface SpecialTokens {
  /** Text of the placeholder whose id is `spec.imageTokenId`. */
  readonly image: string;
  /** Put before every prompt by the tokenizer, where it does so. */
  readonly beginOfSequenceId?: number;
  /** Ids that end an answer; at least one. */
  readonly endOfSequenceIds: readonly number[];
  readonly paddingId?: number;
}

interface TokenizerPieces {
  readonly folder: string;
  readonly spec: ModelSpec;
  readonly config: Json;
  readonly tokenizer: Json;
  readonly tokenizerConfig: Json;
  readonly generationConfig: Json;
}

/**
 * Ids of the tokens with a meaning of their own, from generation_config.json, config.json or the tokenizer.
 *
 * @throws PrumergeError `INVALID_FILE` where no token ends an answer or the image token has no text.
 */
export function readSpecialTokens(pieces: TokenizerPieces): SpecialTokens {
  const { folder, spec, config, tokenizer, tokenizerConfig, generationConfig } = pieces;
  const ids = tokenIds(tokenizer, folder);
  const places = [generationConfig, config, (config.text_config ?? {}) as Json];
  const named = (name: string): readonly number[] => {
    for (const place of places) {
      const found = [place[`${name}_id`] ?? []].flat();
      if (found.length > 0 && found.every(Number.isInteger)) return found as number[];
    }
    const id = ids.get(tokenText(tokenizerConfig[name]) ?? "");
    return id === undefined ? [] : [id];
  };
  const endOfSequenceIds = named("eos_token");
  if (endOfSequenceIds.length === 0) {
    throw new PrumergeError("INVALID_FILE", "no token ends an answer", {
      where: folder,
      expected:
        "eos_token_id in generation_config.json or config.json, or eos_token in tokenizer_config.json",
    });
  }
  const image = [...ids].find(([, id]) => id === spec.imageTokenId)?.[0];
  if (image === undefined) {
    throw new PrumergeError("INVALID_FILE", "the tokenizer does not know the image token", {
      where: folder,
      expected: `a token with id ${spec.imageTokenId}`,
      ...(ids.has("<image>") && { found: `<image> with id ${ids.get("<image>")}` }),
    });
  }
  const [beginOfSequenceId] = named("bos_token");
  const [paddingId] = named("pad_token");
  return {
    image,
    endOfSequenceIds,
    ...(beginOfSequenceId === undefined ? {} : { beginOfSequenceId }),
    ...(paddingId === undefined ? {} : { paddingId }),
  };
}

/**
 * Every token of a tokenizer.json with its id, added ones included.
 *
 * @throws PrumergeError `INVALID_FILE` where it is none.
 */
export function tokenIds(tokenizer: Json, where: string): Map<string, number> {
  const vocabulary = (tokenizer.model as Json | null | undefined)?.vocab;
  const added = tokenizer.added_tokens ?? [];
  if (typeof vocabulary !== "object" || vocabulary === null || !Array.isArray(added)) {
    throw notATokenizer(where, "model.vocab");
  }
  // A unigram vocabulary is a list of [token, score].
  const entries: [unknown, unknown][] = Array.isArray(vocabulary)
    ? vocabulary.map((entry, id) => [entry?.[0], id])
    : Object.entries(vocabulary);
  for (const token of added) entries.push([token?.content, token?.id]);
  const ids = new Map<string, number>();
  for (const [text, id] of entries) {
    if (typeof text !== "string" || !Number.isSafeInteger(id)) {
      throw notATokenizer(where, `a text and an id for every token, found ${JSON.stringify([text, id])}`);
    }
    ids.set(text, id as number);
  }
  return ids;
}

function notATokenizer(where: string, expected: string): PrumergeError {
  return new PrumergeError("INVALID_FILE", "not a tokenizer.json", { where, expected });
}
