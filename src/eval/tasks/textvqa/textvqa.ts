import { countEqual, leaveOneOut } from "../../scoring/leave-one-out.js";
import { meanCredit } from "../../scoring/mean-credit.js";
import { normaliseM4c, normaliseVqa, vlmEvalKitPunctuation } from "../../scoring/vqa-normalise.js";
import type { GivenAnswer, LoadedTask, Task, TaskOptions, Verdict } from "../../task.js";
import { chooseOptions } from "../../task-options.js";
import { loadTextVqa, type TextVqaQuestion } from "./load.js";
import { prompts, questionOfPrompt } from "./prompt.js";

const normalisers = {
  m4c: normaliseM4c,
  vlmevalkit: (text: string) => normaliseVqa(text, vlmEvalKitPunctuation),
};

const options = [
  {
    name: "ocr",
    values: ["true", "false"],
    help: "whether the question gives the words that an OCR program found (LLaVA-1.5 does, LLaVA-1.6 and lmms-eval do not)",
  },
  {
    name: "prompt",
    values: Object.keys(prompts) as (keyof typeof prompts)[],
    help: "lmms_eval: the question with a capital first letter and no others",
  },
  {
    name: "scorer",
    values: Object.keys(normalisers) as (keyof typeof normalisers)[],
    help: "m4c: LLaVA's, mmf's and lmms-eval's normaliser; vlmevalkit: the one of VQAv2, with its period rule corrected",
  },
] as const;

/** TextVQA 0.5.1 (Singh et al. 2019), validation split. */
export const textvqa: Task = {
  name: "textvqa",
  title: "TextVQA",
  headline: "accuracy against ten people's answers",
  options,
  load,
};

async function load(folder: string, given?: TaskOptions): Promise<LoadedTask> {
  const { ocr, prompt, scorer } = chooseOptions(options, given);
  const write = prompts[prompt as keyof typeof prompts];
  const entries = await loadTextVqa(folder, { ocr: ocr === "true", write, llava: prompt === "llava" });
  const normalise = normalisers[scorer as keyof typeof normalisers];
  return {
    questions: entries.map(({ question }) => question),
    identify: identifier(entries),
    judge: (answers) =>
      entries.map(({ question: { id, picture }, answers: people }): Verdict => {
        const text = answers.get(id);
        const agreeing = text === undefined ? 0 : countEqual(people.map(normalise), normalise(text));
        return { questions: [id], credit: leaveOneOut(agreeing), groups: [], cluster: picture?.name };
      }),
    aggregate: (verdicts) => meanCredit(verdicts),
  };
}

/**
 * Answers are told by picture and question (LLaVA's `question_id` is the picture's), or by TextVQA's own question ids;
 * without a prompt a picture's id will do if the picture has one question only.
 */
function identifier(entries: readonly TextVqaQuestion[]): (answer: GivenAnswer) => string | undefined {
  const ids = new Set(entries.map(({ question }) => question.id));
  const byKey = new Map(
    entries.map(({ pictureId, asked, question }) => [`${pictureId}\n${asked}`, question.id]),
  );
  const byPicture = new Map<string, string | undefined>();
  for (const { pictureId, question } of entries)
    byPicture.set(pictureId, byPicture.has(pictureId) ? undefined : question.id);
  return ({ question, prompt }) => {
    if (ids.has(question)) return question;
    if (prompt !== undefined) return byKey.get(`${question}\n${questionOfPrompt(prompt)}`);
    return byPicture.get(question);
  };
}
