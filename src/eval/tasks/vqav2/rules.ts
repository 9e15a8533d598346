import { countEqual, leaveOneOut } from "../../scoring/leave-one-out.js";
import {
  m4cPunctuation,
  normaliseM4c,
  normaliseVqa,
  onOneLine,
  processPunctuation,
  vlmEvalKitPunctuation,
  vqaPunctuation,
} from "../../scoring/vqa-normalise.js";

/** Credit of one prediction against ten people's answers, 0 to 1. */
export type VqaRule = (prediction: string, answers: readonly string[]) => number;

type Normalise = (text: string) => string;

/** Both sides through one normaliser, then leave-one-out. */
function normalised(normalise: Normalise): VqaRule {
  const known = remembered(normalise);
  return (prediction, answers) => leaveOneOut(countEqual(answers.map(known), known(prediction)));
}

/** vqaEval.py since 11 March 2021 (a013f00): answers on which all ten agree switch the normalising off, for both sides. */
function strict2021(): VqaRule {
  const [normalise, line] = [remembered((text) => normaliseVqa(text)), remembered(onOneLine)];
  return (prediction, answers) => {
    const lines = answers.map(line);
    const side = unanimous(lines) ? line : normalise;
    return leaveOneOut(countEqual(lines.map(side), side(prediction)));
  };
}

/**
 * vqaEval.py before (458a8b2): the prediction is normalised always, people's answers lose their punctuation and only
 * where they differ; case, number words and articles of theirs stay.
 */
function before2021(): VqaRule {
  const normalise = remembered((text) => normaliseVqa(text));
  const punctuate = remembered((text) => processPunctuation(text, vqaPunctuation));
  return (prediction, answers) => {
    const sides = unanimous(answers) ? answers : answers.map(punctuate);
    return leaveOneOut(countEqual(sides, normalise(prediction)));
  };
}

/** The published ways to score VQAv2, by the name of the rule; each call makes a rule with a memory of its own. */
export const vqaRules = {
  always: () => normalised((text) => normaliseVqa(text)),
  strict_vqaeval_2021: strict2021,
  vqaeval_before_2021: before2021,
  m4c: () => normalised(normaliseM4c),
  lmms_eval: () => normalised((text) => normaliseVqa(text, m4cPunctuation)),
  vlmevalkit: () => normalised((text) => normaliseVqa(text, vlmEvalKitPunctuation)),
} satisfies Readonly<Record<string, () => VqaRule>>;

function unanimous(answers: readonly string[]): boolean {
  return answers.every((answer) => answer === answers[0]);
}

/** Answers repeat: 2 million of VQAv2's are 100,000 different ones. Longer texts are not worth remembering. */
function remembered(normalise: Normalise): Normalise {
  const known = new Map<string, string>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const result = normalise(text);
    if (text.length <= 40) known.set(text, result);
    return result;
  };
}
