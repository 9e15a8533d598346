import { lettered } from "../../choices/choices.js";
import { isMissingText } from "../../choices/missing-text.js";
import { matchVlmEvalKit } from "../../choices/vlmevalkit.js";
import { strip } from "../../scoring/python-text.js";

/** Index of the choice that an answer names; -1, which is always wrong, where it names none or one that is not there. */
export type ReadChoice = (answer: string, choices: readonly string[]) => number;

/** LLaVA has letters for five choices. */
const letters = "ABCDE";

/**
 * LLaVA's eval_science_qa.py: the letter alone, "B. ..." or exactly one "The answer is B" that another character follows
 * (its regular expression ends in an unescaped period, so the bare "The answer is B" fails).
 */
function readLlava(answer: string, choices: readonly string[]): number {
  return indexOf(llavaLetter(answer), choices);
}

function llavaLetter(answer: string): string | undefined {
  if (/^[A-E](\. |$)/.test(answer)) return answer[0];
  const found = [...answer.matchAll(/The answer is ([A-Z])[^\n]/g)];
  return found.length === 1 ? found[0][1] : undefined;
}

/** lmms-eval's scienceqa/utils.py: the letter alone in either case, or a capital letter with a period behind it. */
function readLmmsEval(answer: string, choices: readonly string[]): number {
  const bare = strip(answer);
  const letter = bare.length === 1 ? bare.toUpperCase() : /^[A-Z](?=\.)/.exec(bare)?.[0];
  return indexOf(letter, choices);
}

/** VLMEvalKit with `exact_matching`; choices that its table takes for empty cells are none. */
function readVlmEvalKit(answer: string, choices: readonly string[]): number {
  const present = [...lettered(choices)].filter(([, text]) => !isMissingText(text));
  return indexOf(matchVlmEvalKit(answer, new Map(present)), choices);
}

function indexOf(letter: string | undefined, choices: readonly string[]): number {
  const index = letter === undefined ? -1 : letters.indexOf(letter);
  return index < choices.length ? index : -1;
}

/** The published ways to read an answer to ScienceQA, by the name of the rule. */
export const choiceReaders = {
  llava: readLlava,
  lmms_eval: readLmmsEval,
  vlmevalkit: readVlmEvalKit,
} as const satisfies Readonly<Record<string, ReadChoice>>;
