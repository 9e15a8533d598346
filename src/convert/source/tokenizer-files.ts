import { join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { readChatTemplate } from "../../models/files/chat-template.js";
import type { Json } from "../../models/files/json-file.js";
import { fileExists, readOptionalJson, readWholeFile } from "../../models/files/json-file.js";
import { type Note, noNote } from "../../models/files/note.js";
import { repairTokenizer } from "../../models/files/repair-tokenizer.js";
import { readTokenizerConfig } from "../../models/files/token-files.js";
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
  note: Note = noNote,
): Promise<TokenizerFiles> {
  const path = join(folder, "tokenizer.json");
  const ready = await readOptionalJson(path);
  const tokenizerConfig = await readTokenizerConfig(folder, ready, note);
  const ownChatTemplate = await readChatTemplate(folder, tokenizerConfig, note);
  const everyTokenAsItIs = layout === "original";
  return {
    tokenizer: ready
      ? repairTokenizer(ready, tokenizerConfig, path, { note, everyTokenAsItIs })
      : await fromSentencePiece(folder, tokenizerConfig, layout, note),
    tokenizerConfig,
    generationConfig: (await readOptionalJson(join(folder, "generation_config.json"))) ?? {},
    ...(ownChatTemplate === undefined ? {} : { ownChatTemplate }),
  };
}

async function fromSentencePiece(
  folder: string,
  tokenizerConfig: Json,
  layout: Checkpoint["layout"],
  note: Note,
): Promise<Json> {
  const model = join(folder, "tokenizer.model");
  if (!(await fileExists(model))) {
    const expected = "tokenizer.json or tokenizer.model";
    throw new PrumergeError("NOT_FOUND", "no tokenizer", { where: folder, expected });
  }
  return convertSentencePiece(await readWholeFile(model, sentencePieceLimit), model, {
    tokenizerConfig,
    note,
    // transformers calls the old behaviour legacy, and takes it where nothing is said.
    prefixEverySection: layout === "original" || tokenizerConfig.legacy !== false,
  });
}
