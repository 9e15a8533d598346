import { codePointLength } from "../scoring/code-points.js";
import { splitWords } from "../scoring/python-text.js";
import type { ChoiceMatcher, Choices } from "./choices.js";
import { optionInAnswer } from "./option-in-answer.js";

const refusals = [
  "Sorry, I can't help with images of people yet.",
  "I can't process this file.",
  "I'm sorry, but without the image provided",
  "Cannot determine the answer",
];

/** Also matched inside of a longer word: "the answer is Blue" says B. */
const verboseAnswer = /(?:correct\s+)?answer\s+is\s+\**([ABCD])\**/i;

/** What the rule gives for an answer that refuses: no option has this letter. */
const refusedLetter = "Z";

/**
 * VLMEvalKit's `can_infer`, as its `exact_matching` policy uses it. Source: vlmeval/utils/matching_util.py.
 *
 * First the letters: punctuation becomes spaces, exactly one of this question's letters must stand alone as a word, and
 * among the last four words (where it first occurs). Else "answer is X". Then the texts: exactly one option's text occurs
 * in the answer, which must not be longer than twice all options together.
 */
export const matchVlmEvalKit: ChoiceMatcher = (answer, choices) =>
  letterOf(answer, choices) ?? textOf(answer, choices);

function letterOf(answer: string, choices: Choices): string | undefined {
  if (answer.includes("Failed to obtain answer via API")) return undefined;
  if (refusals.some((refusal) => answer.includes(refusal))) return refusedLetter;
  const words = splitWords(answer.replace(/[.()[\],:;!*#{}]/g, " "));
  const found = [...choices.keys()].filter((letter) => words.includes(letter));
  if (found.length === 1 && words.indexOf(found[0]) > words.length - 5) return found[0];
  if (found.length === 0 && words.includes(refusedLetter)) return refusedLetter;
  const letter = verboseAnswer.exec(answer)?.[1].toUpperCase();
  return letter !== undefined && choices.has(letter) ? letter : undefined;
}

function textOf(answer: string, choices: Choices): string | undefined {
  let longest = 0;
  for (const text of choices.values()) longest += 2 * codePointLength(text);
  // Python lower-cases before it measures; the few letters that change their length then are measured so here.
  return codePointLength(answer.toLowerCase()) > longest ? undefined : optionInAnswer(answer, choices);
}
