import { meanCredit } from "../../scoring/mean-credit.js";
import type { Scores, Verdict } from "../../task.js";
import type { Problem } from "./problem.js";
import { choiceReaders, type ReadChoice } from "./read-choice.js";

/** Group of the questions with a picture: LLaVA's "IMG", the column SQA^I of its tables. */
const withPicture = "img";

/** Rules of {@link judgeProblems}. */
export interface JudgeRules {
  readonly scorer: keyof typeof choiceReaders;
  /**
   * `wrong`: a question without an answer is wrong in every score. `llava`: it is wrong, too, but is taken for one
   * without a picture, because LLaVA's scorer looks for the picture in the answer's prompt.
   */
  readonly unanswered: "wrong" | "llava";
}

/** One verdict a problem, in the order of the problems. */
export function judgeProblems(
  problems: readonly Problem[],
  answers: ReadonlyMap<string, string>,
  { scorer, unanswered }: JudgeRules,
): readonly Verdict[] {
  const read: ReadChoice = choiceReaders[scorer];
  return problems.map((problem) => {
    const answer = answers.get(problem.id);
    const isRight = answer !== undefined && read(answer, problem.choices) === problem.answer;
    const isSeen = problem.picture !== undefined && (answer !== undefined || unanswered === "wrong");
    return { questions: [problem.id], credit: isRight ? 1 : 0, groups: groupsOf(problem, isSeen) };
  });
}

/** The parts of ScienceQA's own tables (tools/evaluate_acc.py), under one name each. */
function groupsOf({ subject, hint, picture, grade, topic }: Problem, isSeen: boolean): string[] {
  const year = Number(/^grade(\d+)$/.exec(grade)?.[1]);
  return [
    ...(isSeen ? [withPicture] : []),
    `subject/${subject}`,
    ...(hint === "" ? [] : ["context/text"]),
    ...(hint === "" && picture === undefined ? ["context/none"] : []),
    ...(year >= 1 && year <= 12 ? [`grade/${year <= 6 ? "1-6" : "7-12"}`] : []),
    `topic/${topic}`,
  ];
}

/** The accuracy over the questions with a picture, over all of them (`all`), and over the parts. */
export function scienceQaScores(verdicts: readonly Verdict[]): Scores {
  const { scores } = meanCredit(verdicts, "all");
  const headline = scores.find(({ name }) => name === withPicture) ?? {
    name: withPicture,
    value: 0,
    unit: "percent" as const,
    count: 0,
  };
  return { headline, scores: [headline, ...scores.filter(({ name }) => name !== withPicture)] };
}
