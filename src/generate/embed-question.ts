import { PrumergeError } from "../errors.js";
import type { Engine } from "../runtime/engine.js";
import type { AskedWords } from "../see/see.js";
import { beginsWith, type PromptTokenizer } from "./prompt.js";

type Prompts = Pick<PromptTokenizer, "tokenizer" | "imageTokenId" | "bosToken">;

/**
 * The language model's own embeddings of a question's words, without special tokens and places of pictures, [M, D]; of a prompt
 * written out those of all that it says but its pictures' places, with the special token on either side of each, such as
 * Qwen-VL's `<|vision_start|>`.
 *
 * @param where the method that reads them, for messages
 * @throws PrumergeError INVALID_OPTION where there is no question, or no word in it
 */
export async function embedQuestion(
  engine: Pick<Engine, "embed">,
  prompts: Prompts,
  question: unknown,
  where: string,
  signal?: AbortSignal,
): Promise<AskedWords> {
  const text = textOf(question);
  if (text === undefined) throw missing(where, question === undefined ? "none" : typeof question);
  const words = typeof question === "string" ? wordsOf(prompts, text) : promptWords(prompts, text);
  if (words.length === 0) throw missing(where, JSON.stringify(text));
  return { text, words: await engine.embed(words, signal) };
}

function textOf(question: unknown): string | undefined {
  if (typeof question === "string") return question;
  const prompt = (question as { readonly prompt?: unknown } | undefined | null)?.prompt;
  return typeof prompt === "string" ? prompt : undefined;
}

function wordsOf({ tokenizer, imageTokenId }: Prompts, text: string): number[] {
  const { ids } = tokenizer.encode(text.trim(), { add_special_tokens: false });
  return ids.filter((id) => id !== imageTokenId);
}

function promptWords({ tokenizer, imageTokenId, bosToken }: Prompts, text: string): number[] {
  const { ids } = tokenizer.encode(text, { add_special_tokens: !beginsWith(text, bosToken) });
  const special = new Set(
    [...tokenizer.get_added_tokens_decoder()].flatMap(([id, token]) => (token.special ? [id] : [])),
  );
  const beside = (at: number) => ids[at - 1] === imageTokenId || ids[at + 1] === imageTokenId;
  return ids.filter((id, at) => id !== imageTokenId && !(special.has(id) && beside(at)));
}

function missing(where: string, found: string): PrumergeError {
  return new PrumergeError("INVALID_OPTION", "this method reads the question, and there is none", {
    where,
    expected: "see(picture, reducer, { question })",
    found,
    help: "Say what will be asked about the picture, or take a method that reads the picture alone.",
  });
}
