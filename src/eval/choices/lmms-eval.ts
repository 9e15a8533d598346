import { splitWords } from "../scoring/python-text.js";
import type { ChoiceMatcher } from "./choices.js";
import { optionInAnswer } from "./option-in-answer.js";

/** The letters that may stand around an option's letter, in the order in which they are tried. */
const surroundings: readonly (readonly [before: string, after: string])[] = [
  ["", "."],
  ["", ","],
  ["", ":"],
  ["", ")"],
  ["", ")."],
  ["(", ")"],
  ["(", ")."],
  [":", ""],
  [":", ","],
  [":", "."],
  [":", ")"],
  [":", ")."],
];

const letters = ["A", "B", "C", "D", "E"];

/**
 * lmms-eval's `MMBench_Evaluator.can_infer`. Source: lmms_eval/tasks/mmbench/mmbench_evals.py.
 *
 * The letters are always A to E, whatever the question has. One of them stands alone between spaces (an answer with an
 * "A" and more than three words is left to the next rules: "A" may be an article), or exactly one stands in one of the
 * listed surroundings. Then the texts: exactly one option's text occurs in the answer.
 */
export const matchLmmsEval: ChoiceMatcher = (answer, choices) =>
  letterOf(answer) ?? optionInAnswer(answer, choices);

function letterOf(answer: string): string | undefined {
  if (answer.includes("Failed to obtain answer via API")) return undefined;
  const words = splitWords(answer);
  const alone = letters.filter((letter) => words.includes(letter));
  if (alone.length === 1 && !(words.includes("A") && words.length > 3)) return alone[0];
  for (const [before, after] of surroundings) {
    const found = letters.filter((letter) => words.includes(before + letter + after));
    if (found.length === 1) return found[0];
  }
  return undefined;
}
