import { join } from "node:path";
import { readDetails } from "../../files/details.js";
import { findFile, pictureFolder } from "../../files/find-file.js";
import type { LoadedTask, Task, TaskOptions } from "../../task.js";
import { chooseOptions } from "../../task-options.js";
import { letterAnswerTokens, letterInstruction } from "../letter-answer.js";
import { type JudgeRules, judgeProblems, scienceQaScores } from "./judge.js";
import { type Problem, readProblems } from "./problem.js";
import { wordProblem } from "./prompt.js";
import { readQuestionFile } from "./question-file.js";
import { choiceReaders } from "./read-choice.js";
import { readResultsFile } from "./results-file.js";

const options = [
  {
    name: "scorer",
    values: Object.keys(choiceReaders),
    help: "llava: eval_science_qa.py; lmms_eval: scienceqa/utils.py; vlmevalkit: can_infer with exact_matching",
  },
  {
    name: "questions",
    values: ["all", "img"],
    help: "img: only those with a picture, the ones that the headline is about",
  },
  {
    name: "unanswered",
    values: ["wrong", "llava"],
    help: "llava: questions without an answer leave the denominator of the headline, as in eval_science_qa.py",
  },
  {
    name: "split",
    values: ["test", "val", "minitest", "minival"],
    help: "of pid_splits.json; LLaVA's question file is about test",
  },
] as const;

/** ScienceQA (Lu et al. 2022). */
export const scienceqa: Task = {
  name: "scienceqa",
  title: "ScienceQA",
  headline: "accuracy over the questions with a picture (SQA-I)",
  options,
  load,
};

async function load(folder: string, given?: TaskOptions): Promise<LoadedTask> {
  const chosen = chooseOptions(options, given);
  const split = await readProblems(folder, chosen.split);
  const texts = await readTexts(folder, chosen.split, split);
  const problems = chosen.questions === "img" ? split.filter(({ picture }) => picture !== undefined) : split;
  const small = await readDetails(folder);
  const pictures = await picturesOf(folder, split);
  return {
    questions: problems.map((problem) => ({
      id: problem.id,
      picture:
        problem.picture === undefined
          ? undefined
          : { name: problem.picture, path: join(pictures, problem.picture) },
      text: (texts.get(problem.id) ?? wordProblem(problem)) + letterInstruction,
      maxNewTokens: letterAnswerTokens,
      detail: small(problem.id),
    })),
    judge: (answers) => judgeProblems(problems, answers, chosen as JudgeRules),
    aggregate: scienceQaScores,
    readResults: readResultsFile,
  };
}

async function readTexts(folder: string, split: string, problems: readonly Problem[]) {
  const file = split === "test" ? await findFile(folder, ["llava_test_CQM-A.json"]) : undefined;
  if (file === undefined) return new Map<string, string>();
  return readQuestionFile(file, new Map(problems.map((problem) => [problem.id, problem])));
}

/** Pictures lie in `images/test/`, as LLaVA asks for them, or in `test/`, as ScienceQA's archive unpacks. */
function picturesOf(folder: string, [{ subset }]: readonly Problem[]): Promise<string> {
  return pictureFolder(folder, [join("images", subset), subset]);
}
