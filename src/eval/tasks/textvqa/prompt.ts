import { capitalize } from "../../scoring/python-text.js";
import { shortAnswerInstruction } from "../short-answer.js";

const reference = "Reference OCR token: ";

/** The prompts that published programs ask TextVQA with. */
export const prompts = {
  llava: (question: string) => question,
  /** lmms-eval writes `question.capitalize()`, which lowers every letter but the first. */
  lmms_eval: capitalize,
};

/** The text of a question, with the words that an OCR program found in the picture or without. */
export function composePrompt(question: string, tokens: readonly string[] | undefined): string {
  const line = tokens === undefined ? "" : `\n${reference}${tokens.join(", ")}`;
  return question + line + shortAnswerInstruction;
}

/**
 * The question in a prompt, in lower case, as LLaVA's `eval_textvqa.py` finds it; also a question alone. Undefined for a
 * prompt of any other form.
 */
export function questionOfPrompt(prompt: string): string | undefined {
  const lines = prompt.split("\n");
  if (prompt.startsWith("OCR tokens: ")) {
    return /Question: (.*?) Short answer:/s.exec(prompt)?.[1].toLowerCase();
  }
  if (lines.length === 3 && prompt.includes(reference)) {
    return lines[prompt.startsWith("Reference OCR token:") ? 1 : 0].toLowerCase();
  }
  return lines.length <= 2 ? lines[0].toLowerCase() : undefined;
}
