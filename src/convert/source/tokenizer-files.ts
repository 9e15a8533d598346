import { join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { readChatTemplate } from "./chat-template.js";
import type { Json } from "./checkpoint.js";
import { fileExists, readJsonObject, readOptionalJson } from "./json-file.js";

/** The language side's files, apart from its weights. */
export interface TokenizerFiles {
  readonly tokenizer: Json;
  readonly tokenizerConfig: Json;
  readonly generationConfig: Json;
  /** Absent where the folder has none. */
  readonly ownChatTemplate?: string;
}

/** @throws PrumergeError `NOT_FOUND` where the folder has neither tokenizer.json nor tokenizer.model. */
export async function readTokenizerFiles(folder: string): Promise<TokenizerFiles> {
  const tokenizerConfig = (await readOptionalJson(join(folder, "tokenizer_config.json"))) ?? {};
  const ownChatTemplate = await readChatTemplate(folder, tokenizerConfig);
  return {
    tokenizer: await readTokenizer(folder),
    tokenizerConfig,
    generationConfig: (await readOptionalJson(join(folder, "generation_config.json"))) ?? {},
    ...(ownChatTemplate === undefined ? {} : { ownChatTemplate }),
  };
}

async function readTokenizer(folder: string): Promise<Json> {
  const path = join(folder, "tokenizer.json");
  if (await fileExists(path)) return readJsonObject(path);
  throw new PrumergeError("NOT_FOUND", "no tokenizer", {
    where: folder,
    expected: "tokenizer.json or tokenizer.model",
  });
}
