import { readDetails } from "../../files/details.js";
import type { LoadedTask, Task, TaskOptions } from "../../task.js";
import { chooseOptions } from "../../task-options.js";
import { letterAnswerTokens } from "../letter-answer.js";
import {
  type CircularVerdict,
  type Evaluation,
  judgeQuestions,
  matchers,
  mmbenchScores,
  mmbenchShares,
} from "./judge.js";
import { readMmbench } from "./load.js";
import { llavaPrompt } from "./prompt.js";
import type { MmbenchFile } from "./revision.js";
import { rowsByQuestion } from "./rotations.js";
import { groupOf } from "./row.js";
import { readUploadSheet } from "./upload-sheet.js";

const options = [
  {
    name: "rows",
    values: ["circular", "first"],
    help: "circular: right where all rotations of the options are; first: asks and scores the first row of each question",
  },
  {
    name: "scorer",
    values: Object.keys(matchers),
    help: "vlmevalkit: can_infer with exact_matching; lmms_eval: its static evaluation. No language model judges",
  },
  {
    name: "revision",
    values: ["20230712", "20231003"],
    help: "20230712: LLaVA's, 1176 questions; 20231003: the later one, 1164 questions, and the default for language=cn",
  },
  {
    name: "language",
    values: ["en", "cn"],
    help: "cn: the Chinese table, with LLaVA's Chinese instruction",
  },
  {
    name: "split",
    values: ["dev", "test"],
    help: "test can be answered, but only MMBench's server has its answers",
  },
] as const;

/** MMBench (Liu et al. 2023). */
export const mmbench: Task<CircularVerdict> = {
  name: "mmbench",
  title: "MMBench",
  headline: "questions of which all rotations are right (CircularEval)",
  options,
  load,
};

async function load(folder: string, given: TaskOptions = {}): Promise<LoadedTask<CircularVerdict>> {
  const chosen = chooseOptions(options, given);
  const isLater = chosen.language === "cn" && given.revision === undefined;
  const wanted = { ...chosen, ...(isLater && { revision: "20231003" }) } as unknown as MmbenchFile;
  const evaluation = chosen.rows as Evaluation;
  const table = await readMmbench(folder, wanted, evaluation === "circular");
  const rows = table.rows.filter(({ index }) => evaluation === "circular" || groupOf(index) === index);
  const small = await readDetails(folder);
  const byIndex = new Map(rows.map((row) => [row.index, row]));
  return {
    questions: rows.map((row) => ({
      id: String(row.index),
      picture: table.pictures.get(row.index),
      text: llavaPrompt(row, wanted.language),
      maxNewTokens: letterAnswerTokens,
      detail: small(String(groupOf(row.index))),
    })),
    units: rowsByQuestion(rows).map((group) => group.map(({ index }) => String(index))),
    judge: (answers) =>
      judgeQuestions({ ...table, rows }, answers, matchers[chosen.scorer as keyof typeof matchers]),
    aggregate: (verdicts) => mmbenchScores(verdicts, evaluation),
    shares: mmbenchShares,
    readResults: (path) => readUploadSheet(path, byIndex),
  };
}
