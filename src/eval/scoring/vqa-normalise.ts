import { contractions } from "./contractions.js";
import { splitWords, strip } from "./python-text.js";

/** What is deleted or replaced by a space; apostrophe, period, colon, $, %, &, #, * and typographic quotes are not in it. */
const punctuation = [...';/[]"{}()=+\\_-><@`,?!'];

const anyPunctuation = /[;/[\]"{}()=+\\_\-><@`,?!.]/;

/** Which of the published versions of the punctuation step. */
export interface PunctuationRule {
  /** A comma (or, in M4C's version, several) between digits, which makes all punctuation of the text be deleted. */
  readonly digitComma: RegExp;
  /** The periods that are deleted, global. */
  readonly period: RegExp;
}

/**
 * The VQA evaluation code (vqaEval.py). Its look-behind is mistyped (`(?!<=\d)`), so every period goes that no digit
 * follows: "3." becomes "3", "U.S.A." becomes "USA", "3.5" and ".5" stay.
 */
export const vqaPunctuation: PunctuationRule = { digitComma: /[0-9],[0-9]/, period: /\.(?![0-9])/g };

/** M4C's EvalAIAnswerProcessor (mmf, LLaVA, lmms-eval): several commas count as one; Python 3's digits. */
export const m4cPunctuation: PunctuationRule = {
  digitComma: /\p{Nd},+(?=\p{Nd})/u,
  period: /\.(?!\p{Nd})/gu,
};

/** VLMEvalKit: the look-behind is corrected, so the period of "3." stays. */
export const vlmEvalKitPunctuation: PunctuationRule = {
  digitComma: /\p{Nd},\p{Nd}/u,
  period: /(?<!\p{Nd})\.(?!\p{Nd})/gu,
};

/**
 * The flag `re.UNICODE` (32) stands where `re.sub` takes the count: only so many periods are deleted.
 * Python 3.13 deprecates the mistake, it does not change what it does.
 */
const periodsDeleted = 32;

/** `processPunctuation`: which way a mark goes is decided on the text as it came, not as changed by earlier marks. */
export function processPunctuation(text: string, { digitComma, period }: PunctuationRule): string {
  if (!anyPunctuation.test(text)) return text;
  const deleteAll = digitComma.test(text);
  let result = text;
  for (const mark of punctuation) {
    if (!text.includes(mark)) continue;
    const deleted = deleteAll || text.includes(`${mark} `) || text.includes(` ${mark}`);
    result = result.replaceAll(mark, deleted ? "" : " ");
  }
  let count = 0;
  return result.replace(period, (found) => (count++ < periodsDeleted ? "" : found));
}

const numbers = new Map(
  ["none", "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"].map(
    (word, index) => [word, String(Math.max(0, index - 1))],
  ),
);
const articles = new Set(["a", "an", "the"]);

/** `processDigitArticle`: lower case, number words up to ten as digits, no articles, contractions restored, single spaces. */
function processDigitsAndArticles(text: string): string {
  return splitWords(text.toLowerCase())
    .map((word) => numbers.get(word) ?? word)
    .filter((word) => !articles.has(word))
    .map((word) => contractions.get(word) ?? word)
    .join(" ");
}

/** Line feeds and tabs as spaces, none at the ends. */
export function onOneLine(text: string): string {
  return strip(text.replace(/[\n\t]/g, " "));
}

/** The VQA normaliser: one line, punctuation, digits and articles. */
export function normaliseVqa(text: string, rule: PunctuationRule = vqaPunctuation): string {
  return processDigitsAndArticles(processPunctuation(onOneLine(text), rule));
}

/**
 * M4C's normaliser, which LLaVA scores TextVQA with and sends VQAv2 answers through before they are uploaded: the VQA
 * normaliser after its own tokenizer, which deletes commas and question marks and parts "'s" from its word.
 */
export function normaliseM4c(text: string): string {
  const tokenized = strip(text.toLowerCase().replace(/[,?]/g, "").replaceAll("'s", " 's"));
  return normaliseVqa(tokenized, m4cPunctuation);
}
