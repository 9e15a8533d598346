import { strip } from "../../scoring/python-text.js";
import { shortAnswerInstruction } from "../short-answer.js";
import type { Subtask } from "./subtasks.js";
import type { YesNo } from "./yes-no.js";

/** One of the two questions about a picture. */
export interface MmeQuestion {
  /** `existence/0001.jpg#1`: the picture below the release folder, and which of its two questions. */
  readonly id: string;
  readonly subtask: Subtask;
  /** Below the release folder: `existence/0001.jpg`, `artwork/images/14777.jpg`; LLaVA's `question_id`. */
  readonly picture: string;
  /** As the benchmark has it, with " Please answer yes or no." */
  readonly question: string;
  readonly answer: YesNo;
  readonly file: string;
  readonly line: number;
}

/** MME's own instruction, which LLaVA replaces by its own; seven questions have two spaces before it. */
const yesNoInstruction = "Please answer yes or no.";

/** A question alone, without the instructions of MME, of LLaVA or of neither. */
function bareQuestion(text: string): string {
  return strip(strip(text.replace(strip(shortAnswerInstruction), "")).replace(yesNoInstruction, ""));
}

/** LLaVA-1.5's prompt for a question of the benchmark. */
export function llavaPrompt(question: string): string {
  return bareQuestion(question) + shortAnswerInstruction;
}

/**
 * What tells a question wherever it is written down: subtask, the picture's name without its ending (LLaVA's results have
 * `0001.txt` there), and the question alone.
 */
export function questionKey(subtask: string, fileName: string, text: string): string {
  return `${subtask}/${pictureStem(fileName)}\n${bareQuestion(text)}`;
}

/** `14777` for `artwork/images/14777.jpg`. */
export function pictureStem(fileName: string): string {
  return fileName.split("/").at(-1)!.split(".")[0];
}
