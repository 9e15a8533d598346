import { PrumergeError } from "../errors.js";
import { parseBudget, type Reducer } from "../reduce/index.js";
import { chosenReducer } from "./reducer-option.js";

const usage = "/method NAME [TOKENS], TOKENS being 64, 25%, adaptive or adaptive:64";

/**
 * The reducer of a chat's `/method NAME [TOKENS]`, with the command line's defaults.
 *
 * @param words what follows the command
 * @param seed of the method `random`
 * @throws PrumergeError INVALID_OPTION, UNKNOWN_METHOD
 */
export function chatReducer(words: readonly string[], seed: number | undefined): Reducer {
  const [method, tokens, ...more] = words;
  const visualTokens = tokens === undefined ? undefined : parseBudget(tokens);
  if (!method || more.length > 0 || (tokens !== undefined && visualTokens === undefined)) {
    throw new PrumergeError("INVALID_OPTION", "something is missing or wrong", { expected: usage });
  }
  const options = { method, ...(visualTokens && { visualTokens }), ...(seed !== undefined && { seed }) };
  return chosenReducer(options)!;
}
