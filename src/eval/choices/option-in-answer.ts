import type { Choices } from "./choices.js";

/** The one option whose text occurs in the answer, letter case apart; undefined where none or several do. */
export function optionInAnswer(answer: string, choices: Choices): string | undefined {
  const lower = answer.toLowerCase();
  const found = [...choices].filter(([, text]) => lower.includes(text.toLowerCase()));
  return found.length === 1 ? found[0][0] : undefined;
}
