import { join } from "node:path";
import { PrumergeError } from "../../errors.js";
import { ConfigReader } from "../../models/config-reader.js";
import { isOriginalLlava } from "../../models/llava-original.js";
import type { Checkpoint, CheckpointParts } from "./checkpoint.js";
import { readJsonObject } from "./json-file.js";
import { openHuggingFace } from "./open-hugging-face.js";

/**
 * Opens a LLaVA checkpoint of any supported layout: reads its configuration, tokenizer and the headers of its weight
 * files, and checks that every tensor is there with the right shape. No weights are read.
 *
 * @param folder A local folder.
 * @throws PrumergeError `NOT_FOUND`, `INVALID_FILE`, `UNSUPPORTED_MODEL`, `UNSAFE_PATH`, `UNSAFE_PICKLE`,
 * `LIMIT_EXCEEDED` or `INVALID_OPTION`.
 *
 * @example
 * ```ts
 * const { spec, tensors } = await openCheckpoint("llava-1.5-7b-hf");
 * ```
 */
export async function openCheckpoint(folder: string, parts: CheckpointParts = {}): Promise<Checkpoint> {
  const path = join(folder, "config.json");
  const config = await readJsonObject(path);
  if (isOriginalLlava(new ConfigReader(config, path))) {
    throw new PrumergeError("UNSUPPORTED_MODEL", "the original layout", { where: path });
  }
  return openHuggingFace(folder, config, parts);
}
