import { space, strip, stripCharacter } from "../scoring/python-text.js";
import { onOneLine, type PunctuationRule, processPunctuation } from "../scoring/vqa-normalise.js";

/** One comma alone between digits; the periods as everywhere. */
const punctuation: PunctuationRule = { digitComma: /\p{Nd},\p{Nd}/u, period: /\.(?!\p{Nd})/gu };
const dottedLetter = new RegExp(`^([A-E])\\.[${space}]*[^\\n]+$`, "i");
const singleLetter = /(?<![\p{L}\p{N}_])([A-E])(?![\p{L}\p{N}_])/iu;

/**
 * Whether lmms-eval takes an answer for MVBench's option of this letter (`mcq_acc`): "X. ..." is X; else, after VQA's
 * punctuation, the first letter from A to E that is a word by itself, whatever its case, so that "a dog" is A; else the whole
 * text has to be the letter. Source: lmms_eval/tasks/mvbench/utils.py.
 *
 * @param letter of the right option
 */
export function isMvbenchAnswer(answer: string, letter: string): boolean {
  return choiceOf(answer) === choiceOf(letter);
}

function choiceOf(text: string): string {
  const dotted = dottedLetter.exec(strip(text))?.[1];
  if (dotted !== undefined) return dotted.toUpperCase();
  const marks = ["'", '"', ")", "("];
  const plain = strip(marks.reduce(stripCharacter, processPunctuation(onOneLine(text), punctuation)));
  const lower = plain.toLowerCase();
  return singleLetter.exec(lower)?.[1]?.toUpperCase() ?? lower;
}
