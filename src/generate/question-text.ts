import type { Question } from "./messages.js";

/**
 * What is asked, for reducers that read it: a question's text, or the texts of a conversation's last message.
 *
 * @returns undefined for a prompt written out, which does not tell question from anything else
 */
export function questionText(question: Question): string | undefined {
  if (typeof question === "string") return question;
  if ("prompt" in question) return undefined;
  const content = question.at(-1)?.content ?? "";
  if (typeof content === "string") return content;
  return content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}
