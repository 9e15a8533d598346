import { PrumergeError } from "../errors.js";

/**
 * Ids that a model must never generate: `suppress_tokens` of its generation_config.json, as in transformers. Conversions
 * of the original LLaVA layout name the image token there, whose row they add to the output layer.
 *
 * @throws PrumergeError INVALID_FILE for anything but a list of token ids below the vocabulary's size
 */
export function suppressedTokens(
  generationConfig: Readonly<Record<string, unknown>>,
  vocabularySize: number,
  where: string,
): readonly number[] {
  const ids = generationConfig.suppress_tokens ?? [];
  if (Array.isArray(ids) && ids.every((id) => Number.isInteger(id) && id >= 0 && id < vocabularySize)) {
    return ids;
  }
  throw new PrumergeError("INVALID_FILE", "suppress_tokens is no list of token ids", {
    where,
    expected: `whole numbers from 0 to ${vocabularySize - 1}`,
    found: JSON.stringify(ids),
  });
}
