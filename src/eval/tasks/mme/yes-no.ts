import { firstCodePoints } from "../../scoring/code-points.js";
import { splitWords, strip } from "../../scoring/python-text.js";
import { processPunctuation, vlmEvalKitPunctuation } from "../../scoring/vqa-normalise.js";

export type YesNo = "yes" | "no";

/** What an answer says; undefined where it says neither, which is always wrong. */
export type ReadYesNo = (answer: string) => YesNo | undefined;

/**
 * MME's calculation.py: in lower case, the first four characters hold "yes", else "no". Nothing is stripped: "Not sure",
 * "None" and "Snow" say no, "There is no cat" and "    Yes" say nothing.
 */
function readOfficial(answer: string): YesNo | undefined {
  return inPrefix(answer.toLowerCase());
}

/** lmms-eval's mme/utils.py: stripped and without periods; a single "y" or "n" counts. */
function readLmmsEval(answer: string): YesNo | undefined {
  const bare = strip(answer.toLowerCase()).replaceAll(".", "");
  if (bare === "y") return "yes";
  if (bare === "n") return "no";
  return inPrefix(bare);
}

/** VLMEvalKit's YOrN_Extraction with `exact_matching`: one of the two words, wherever, and not the other. */
function readVlmEvalKit(answer: string): YesNo | undefined {
  const words = splitWords(processPunctuation(answer.toLowerCase(), vlmEvalKitPunctuation));
  const [yes, no] = [words.includes("yes"), words.includes("no")];
  if (yes === no) return undefined;
  return yes ? "yes" : "no";
}

function inPrefix(answer: string): YesNo | undefined {
  const prefix = firstCodePoints(answer, 4);
  if (prefix.includes("yes")) return "yes";
  return prefix.includes("no") ? "no" : undefined;
}

/** The published ways to read an answer to MME, by the name of the rule. */
export const yesNoReaders = {
  official: readOfficial,
  lmms_eval: readLmmsEval,
  vlmevalkit: readVlmEvalKit,
} as const satisfies Readonly<Record<string, ReadYesNo>>;
