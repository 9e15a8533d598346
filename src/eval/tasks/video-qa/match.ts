import { splitWords } from "../../scoring/python-text.js";
import { normaliseVqa } from "../../scoring/vqa-normalise.js";

/** Whether an answer is the one that people gave. */
export type AnswerMatch = (prediction: string, answer: string) => boolean;

/** Ways to compare without a judge, the strictest first, by the name of the rule. */
export const answerMatches = {
  /** ActivityNet-QA's own program, and how MSVD-QA and MSRVTT-QA were scored before chat models: the same text, nothing normalised. */
  exact: (prediction, answer) => prediction === answer,
  /** VQA's normaliser on both sides: case, punctuation, articles, number words. */
  normalised: (prediction, answer) => normaliseVqa(prediction) === normaliseVqa(answer),
  /**
   * The normalised answer's words stand in the prediction one after the other; of yes and no the first one said counts. It takes
   * long answers for right that name many things.
   */
  contained: (prediction, answer) => {
    const [said, wanted] = [prediction, answer].map((text) => splitWords(normaliseVqa(text)));
    if (wanted!.length === 0) return said!.length === 0;
    const [only] = wanted!;
    if (wanted!.length === 1 && (only === "yes" || only === "no"))
      return said!.find((word) => word === "yes" || word === "no") === only;
    return said!.some((_, from) => wanted!.every((word, at) => said![from + at] === word));
  },
} satisfies Readonly<Record<string, AnswerMatch>>;
