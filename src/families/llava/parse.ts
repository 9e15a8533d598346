import { PrumergeError } from "../../errors.js";
import { ConfigReader } from "../../models/config-reader.js";
import { parseHuggingFaceLlava } from "./hugging-face.js";
import { isOriginalLlava } from "./original.js";
import type { LlavaSpec } from "./spec.js";

/**
 * Reads the `config.json` of a Hugging Face `LlavaForConditionalGeneration` checkpoint, or of a model folder.
 *
 * @param config The parsed JSON.
 * @param where The file's path, for messages.
 * @throws PrumergeError `UNSUPPORTED_MODEL`, naming what we do not run, or `INVALID_FILE`.
 *
 * @example
 * ```ts
 * const spec = parseLlavaConfig(JSON.parse(text), "llava-1.5-7b-hf/config.json");
 * ```
 */
export function parseLlavaConfig(config: unknown, where: string): LlavaSpec {
  const reader = new ConfigReader(config, where);
  if (isOriginalLlava(reader)) {
    throw new PrumergeError("UNSUPPORTED_MODEL", "a configuration of the original LLaVA layout", {
      where,
      expected: "text_config and vision_config",
      found: "mm_vision_tower",
      help: "Convert the checkpoint with its vision tower given.",
    });
  }
  return parseHuggingFaceLlava(reader);
}
