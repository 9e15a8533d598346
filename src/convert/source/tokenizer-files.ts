import { join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { readChatTemplate } from "../../models/files/chat-template.js";
import type { Json } from "../../models/files/json-file.js";
import { fileExists, readJsonObject, readOptionalJson, readWholeFile } from "../../models/files/json-file.js";
import type { Checkpoint } from "./checkpoint.js";
import { convertSentencePiece } from "./sentencepiece.js";

/** Bytes of a tokenizer.model; those of the largest vocabularies, 260,000 pieces, have about 5 MB. */
const sentencePieceLimit = 64 * 2 ** 20;

/** The language side's files, apart from its weights. */
export interface TokenizerFiles {
  readonly tokenizer: Json;
  readonly tokenizerConfig: Json;
  readonly generationConfig: Json;
  /** Absent where the folder has none. */
  readonly ownChatTemplate?: string;
}

/** @throws PrumergeError `NOT_FOUND` where the folder has neither tokenizer.json nor tokenizer.model. */
export async function readTokenizerFiles(
  folder: string,
  layout: Checkpoint["layout"],
): Promise<TokenizerFiles> {
  const tokenizerConfig = (await readOptionalJson(join(folder, "tokenizer_config.json"))) ?? {};
  const ownChatTemplate = await readChatTemplate(folder, tokenizerConfig);
  return {
    tokenizer: await readTokenizer(folder, tokenizerConfig, layout),
    tokenizerConfig,
    generationConfig: (await readOptionalJson(join(folder, "generation_config.json"))) ?? {},
    ...(ownChatTemplate === undefined ? {} : { ownChatTemplate }),
  };
}

async function readTokenizer(
  folder: string,
  tokenizerConfig: Json,
  layout: Checkpoint["layout"],
): Promise<Json> {
  const ready = join(folder, "tokenizer.json");
  if (await fileExists(ready)) return readJsonObject(ready);
  const model = join(folder, "tokenizer.model");
  if (!(await fileExists(model))) {
    const expected = "tokenizer.json or tokenizer.model";
    throw new PrumergeError("NOT_FOUND", "no tokenizer", { where: folder, expected });
  }
  const addedTokens = await readOptionalJson(join(folder, "added_tokens.json"));
  return convertSentencePiece(await readWholeFile(model, sentencePieceLimit), model, {
    tokenizerConfig,
    // transformers calls the old behaviour legacy, and takes it where nothing is said.
    prefixEverySection: layout === "original" || tokenizerConfig.legacy !== false,
    ...(addedTokens === undefined ? {} : { addedTokens }),
  });
}
