import { splitWords, strip } from "../../scoring/python-text.js";
import { processPunctuation, vlmEvalKitPunctuation } from "../../scoring/vqa-normalise.js";

/** What an answer is taken for. */
export type Said = "yes" | "no" | "other";

/** A published way to score POPE. */
export interface PopeRule {
  readonly read: (text: string) => Said;
  /** Whether a "yes" question that was answered neither way counts as missed (recall), or not at all. */
  readonly othersAreMissed: boolean;
  /** lmms-eval computes the ratio of "yes" from the labels, so that it says nothing about the answers. */
  readonly yesRatioOf: "answers" | "labels";
  /** The mean over the three files, or all questions in one pot. */
  readonly headline: "mean" | "pooled";
}

/** The published ways to score POPE, by the name of the rule. */
export const popeRules = {
  /**
   * POPE's evaluate.py and LLaVA's eval_pope.py: of the text before the first period, without commas, split at spaces, a
   * word `No`, `not` or `no` makes it a "no"; everything else, the empty answer and "NO" too, is a "yes".
   */
  official: {
    read: (text) => {
      const words = text.split(".", 1)[0].replaceAll(",", "").split(" ");
      return words.some((word) => word === "No" || word === "not" || word === "no") ? "no" : "yes";
    },
    othersAreMissed: true,
    yesRatioOf: "answers",
    headline: "mean",
  },
  /** lmms-eval: the whole answer, in lower case, has to be "yes" or "no". */
  lmms_eval: {
    read: (text) => {
      const word = strip(text.toLowerCase());
      return word === "yes" || word === "no" ? word : "other";
    },
    othersAreMissed: false,
    yesRatioOf: "labels",
    headline: "pooled",
  },
  /** VLMEvalKit without a judge model: exactly one of the words "yes" and "no", punctuation aside. */
  vlmevalkit: {
    read: (text) => {
      const words = splitWords(processPunctuation(text.toLowerCase(), vlmEvalKitPunctuation));
      const [yes, no] = [words.includes("yes"), words.includes("no")];
      return yes === no ? "other" : yes ? "yes" : "no";
    },
    othersAreMissed: true,
    yesRatioOf: "answers",
    headline: "pooled",
  },
} satisfies Readonly<Record<string, PopeRule>>;
