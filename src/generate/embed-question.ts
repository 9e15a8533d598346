import { PrumergeError } from "../errors.js";
import type { Engine } from "../runtime/engine.js";
import type { AskedWords } from "../see/see.js";
import type { PromptTokenizer } from "./prompt.js";

/**
 * The language model's own embeddings of a question's words, without special tokens and places of pictures, [M, D].
 *
 * @param where the method that reads them, for messages
 * @throws PrumergeError INVALID_OPTION where there is no question, or no word in it
 */
export async function embedQuestion(
  engine: Pick<Engine, "embed">,
  { tokenizer, imageTokenId }: Pick<PromptTokenizer, "tokenizer" | "imageTokenId">,
  question: unknown,
  where: string,
  signal?: AbortSignal,
): Promise<AskedWords> {
  if (typeof question !== "string") throw missing(where, question === undefined ? "none" : typeof question);
  const { ids } = tokenizer.encode(question.trim(), { add_special_tokens: false });
  const words = ids.filter((id) => id !== imageTokenId);
  if (words.length === 0) throw missing(where, JSON.stringify(question));
  return { text: question, words: await engine.embed(words, signal) };
}

function missing(where: string, found: string): PrumergeError {
  return new PrumergeError("INVALID_OPTION", "this method reads the question, and there is none", {
    where,
    expected: "see(picture, reducer, { question })",
    found,
    help: "Say what will be asked about the picture, or take a method that reads the picture alone.",
  });
}
