import { isNoneText } from "../../choices/missing-text.js";
import { letterInstruction } from "../letter-answer.js";
import type { MmbenchRow } from "./row.js";

/** What LLaVA-1.5 asks for behind the options; Chinese for MMBench-CN. */
export const instructions = {
  en: letterInstruction,
  cn: "\n\u8bf7\u76f4\u63a5\u56de\u7b54\u9009\u9879\u5b57\u6bcd\u3002",
};

const letters = ["A", "B", "C", "D"];

/**
 * LLaVA-1.5's prompt for a row (`model_vqa_mmbench.py`): hint, question, options. Its options end at the first one that is
 * empty, "nan" or "none", even where more follow.
 */
export function llavaPrompt(
  { hint, question, options }: MmbenchRow,
  language: keyof typeof instructions,
): string {
  const texts = letters.map((letter) => options.get(letter) ?? "");
  const end = texts.findIndex(isNoneText);
  const shown = letters.slice(0, end < 0 ? letters.length : end);
  const lines = shown.map((letter) => `\n${letter}. ${options.get(letter)}`).join("");
  return (isNoneText(hint) ? "" : `${hint}\n`) + question + lines + instructions[language];
}
