import { ChatTemplate } from "../generate/chat-template.js";
import { checkKept } from "../generate/check-arguments.js";
import { literalTokenizer } from "../generate/literal-tokenizer.js";
import { PrefixPool } from "../generate/prefix-reuse.js";
import type { AnswerContext } from "../generate/run-answer.js";
import { suppressedTokens } from "../generate/suppressed-tokens.js";
import { createTokenizer } from "../generate/tokenizer.js";
import { namedTokens } from "../models/files/named-tokens.js";
import type { Engine } from "../runtime/engine.js";
import { keyValueBytesPerToken } from "../see/key-value-bytes.js";
import type { FolderDescription } from "./folder-description.js";
import { LoadedModel } from "./model.js";
import type { SourceReader } from "./picture-input.js";

/**
 * A model of what its folder says and an engine for its graphs, wherever both come from.
 *
 * @param read makes the vision tower's input of a picture, in whatever form this platform has pictures
 * @param keepCacheBytes bytes of key/value caches of earlier prompts to keep; default 512 MiB
 * @param keepCaches their number; default 4
 * @throws PrumergeError INVALID_FILE or UNSUPPORTED_MODEL, naming the file; INVALID_OPTION
 */
export function assembleModel<Source>(
  description: FolderDescription,
  engine: Engine,
  read: SourceReader<Source>,
  keepCacheBytes?: number,
  keepCaches?: number,
): LoadedModel<Source> {
  checkKept(keepCacheBytes, "keepCacheBytes");
  checkKept(keepCaches, "keepCaches");
  const { spec, imageToken, generationConfig, tokenizer, tokenizerConfig } = description;
  const tokenizerFile = `${description.folder}/tokenizer.json`;
  const tokens = namedTokens(tokenizerConfig);
  const bytesPerToken = keyValueBytesPerToken(spec.language, engine.cacheForm);
  const suggested = generationConfig.max_new_tokens;
  const context: AnswerContext = {
    engine,
    prefixes: new PrefixPool(engine, {
      bytesPerToken,
      ...(keepCacheBytes !== undefined && { keepBytes: keepCacheBytes }),
      ...(keepCaches !== undefined && { keepCaches }),
    }),
    language: spec.language,
    prompts: {
      tokenizer: createTokenizer(tokenizer, tokenizerConfig, tokenizerFile),
      bosToken: tokens.bos_token,
      imageToken,
      imageTokenId: spec.imageTokenId,
      literal: literalTokenizer(tokenizer, tokenizerConfig, imageToken, tokenizerFile),
    },
    template: new ChatTemplate(description.chatTemplate, tokens, imageToken, description.folder),
    endIds: new Set(description.endTokenIds),
    suppressedIds: suppressedTokens(
      generationConfig,
      spec.language.vocabularySize,
      `${description.folder}/generation_config.json`,
    ),
    suggestedNewTokens:
      Number.isSafeInteger(suggested) && (suggested as number) > 0 ? (suggested as number) : undefined,
  };
  return new LoadedModel(description, context, read);
}
