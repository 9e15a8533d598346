import { join } from "node:path";
import { PrumergeError } from "../../../errors.js";
import { readDetails } from "../../files/details.js";
import { pictureFolder } from "../../files/find-file.js";
import type { GivenAnswer, LoadedTask, Task, TaskOptions, TaskPicture } from "../../task.js";
import { chooseOptions } from "../../task-options.js";
import { shortAnswerTokens } from "../short-answer.js";
import { llavaPrompt, type MmeQuestion, questionKey } from "./question.js";
import { orderAsIn, readQuestionFile } from "./question-file.js";
import { readQuestions } from "./read-questions.js";
import { readResultsFolder } from "./results-folder.js";
import { judgePairs, mmeScores, mmeShares, type PairVerdict } from "./score.js";
import { yesNoReaders } from "./yes-no.js";

const options = [
  {
    name: "scorer",
    values: Object.keys(yesNoReaders),
    help:
      "official: yes or no in the first four characters; lmms_eval: the same without outer white space and periods, and " +
      "y or n alone; vlmevalkit: one of the two words anywhere, not both",
  },
] as const;

/** MME (Fu et al. 2023). */
export const mme: Task<PairVerdict> = {
  name: "mme",
  title: "MME",
  headline: "perception, the sum over its subtasks of accuracy and accuracy+",
  options,
  load,
};

async function load(folder: string, given?: TaskOptions): Promise<LoadedTask<PairVerdict>> {
  const { scorer } = chooseOptions(options, given);
  const read = yesNoReaders[scorer as keyof typeof yesNoReaders];
  const release = await pictureFolder(folder, [
    "MME_Benchmark_release_version/MME_Benchmark",
    "MME_Benchmark_release_version",
    "MME_Benchmark",
  ]);
  const file = await readQuestionFile(folder);
  const inOrder = await readQuestions(
    { release, tables: join(folder, "eval_tool", "Your_Results") },
    file?.pictures ?? new Map(),
  );
  const questions = file === undefined ? inOrder : orderAsIn(file, inOrder);
  const byKey = new Map(
    questions.map((one) => [questionKey(one.subtask.name, one.picture, one.question), one]),
  );
  const ids = new Set(questions.map(({ id }) => id));
  const small = await readDetails(folder);
  const pictures = new Map<string, TaskPicture>(
    questions.map(({ picture: name }) => [name, { name, path: join(release, name) }]),
  );
  return {
    questions: questions.map(({ id, picture, question }) => ({
      id,
      picture: pictures.get(picture),
      text: llavaPrompt(question),
      maxNewTokens: shortAnswerTokens,
      detail: small(picture),
    })),
    judge: (answers) => judgePairs(questions, answers, read),
    aggregate: mmeScores,
    shares: mmeShares,
    identify: (answer) => (ids.has(answer.question) ? answer.question : findQuestion(answer, byKey)?.id),
    readResults: (path) => readResultsFolder(path, byKey),
  };
}

/** LLaVA's answers give both questions about a picture one id; the prompt tells which it is. */
function findQuestion(
  { question, prompt, file, line }: GivenAnswer,
  questions: ReadonlyMap<string, MmeQuestion>,
): MmeQuestion | undefined {
  if (prompt !== undefined) return questions.get(questionKey(question.split("/")[0], question, prompt));
  throw new PrumergeError("INVALID_FILE", "an answer to one of two questions, but not to which", {
    where: line === undefined ? file : `${file}:${line}`,
    expected: "LLaVA's field prompt, or an id with #1 or #2",
    found: question,
  });
}
