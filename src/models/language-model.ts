import type { ConfigReader } from "./config-reader.js";
import { parseLlama } from "./llama.js";
import { parseMistral } from "./mistral.js";
import { parseQwen2 } from "./qwen2.js";
import type { LanguageModelSpec } from "./spec.js";

/**
 * A language model's configuration, by its `model_type`.
 *
 * @param type Overrides `model_type`, for configurations whose type names the whole LLaVA model.
 * @throws PrumergeError `UNSUPPORTED_MODEL` for other families.
 */
export function parseLanguageModel(
  config: ConfigReader,
  type = config.string("model_type", "llama"),
): LanguageModelSpec {
  switch (type) {
    case "llama":
      return parseLlama(config);
    case "mistral":
      return parseMistral(config);
    case "qwen2":
      return parseQwen2(config);
    default:
      throw config.unsupported("model_type", "a language model llama, mistral or qwen2");
  }
}
