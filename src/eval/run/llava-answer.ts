import { basename, extname } from "node:path";
import type { TaskQuestion } from "../task.js";

type Line = { readonly question_id: string | number; readonly prompt: string };

const number = ({ id, text }: TaskQuestion): Line => ({ question_id: Number(id), prompt: text });

/** What LLaVA's evaluation scripts write of a question where it is not the question's own id and text. */
const spellings: Readonly<Record<string, (question: TaskQuestion) => Line>> = {
  vqav2: number,
  pope: number,
  textvqa: ({ picture, text }) => ({ question_id: stem(picture!.name), prompt: text }),
  mme: ({ picture, text }) => ({ question_id: picture!.name, prompt: text }),
  mmbench: ({ id, text }) => ({ question_id: Number(id), prompt: text.split("\n").slice(0, -1).join("\n") }),
  scienceqa: ({ id, picture, text }) => ({
    question_id: id,
    prompt: picture === undefined ? text : `<image>\n${text}`,
  }),
};

/** How an answers file in LLaVA's format names a question, so that LLaVA's own scripts find it again. */
export function llavaQuestion(task: string, question: TaskQuestion): Line {
  const spell = spellings[task];
  return spell === undefined ? { question_id: question.id, prompt: question.text } : spell(question);
}

function stem(name: string): string {
  return basename(name, extname(name));
}
