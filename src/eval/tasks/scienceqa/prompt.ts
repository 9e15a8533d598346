import { lettered } from "../../choices/choices.js";
import { strip } from "../../scoring/python-text.js";
import type { Problem } from "./problem.js";

/**
 * A problem as LLaVA's `llava_test_CQM-A.json` words it: context, question, choices. Two spaces become one, as in the
 * prompts of ScienceQA's authors.
 */
export function wordProblem({ hint, question, choices }: Problem): string {
  const options = [...lettered(choices)].map(([letter, text]) => `\n${letter}. ${text}`).join("");
  const context = hint === "" ? "" : `Context: ${hint}\n`;
  return strip((context + question + options).replaceAll("  ", " "));
}
