import { strip, stripEnd } from "../../scoring/python-text.js";

/** Whether a prediction is the answer. */
export type GqaRule = (prediction: string, answer: string) => boolean;

/** Python's `string.punctuation`. */
const punctuation = /[!-/:-@[-`{-~]/g;

/** The published ways to compare GQA's answers, by the name of the rule. None of them takes "2" for "two". */
export const gqaRules = {
  /** LLaVA's `convert_gqa_for_eval.py`, then the official equality: periods off the end, lower case, nothing else. */
  llava: (prediction, answer) => stripEnd(prediction, ".").toLowerCase() === answer,
  /** The official eval.py by itself. */
  official: (prediction, answer) => prediction === answer,
  /** lmms-eval: lower case and no punctuation, on both sides. */
  lmms_eval: (prediction, answer) =>
    prediction.toLowerCase().replace(punctuation, "") === answer.toLowerCase().replace(punctuation, ""),
  /** VLMEvalKit: lower case and no space around, on both sides; a period at the end stays. */
  vlmevalkit: (prediction, answer) => strip(prediction).toLowerCase() === strip(answer).toLowerCase(),
} satisfies Readonly<Record<string, GqaRule>>;
