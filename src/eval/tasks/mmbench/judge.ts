import { PrumergeError } from "../../../errors.js";
import type { ChoiceMatcher } from "../../choices/choices.js";
import { matchLmmsEvalStatic } from "../../choices/lmms-eval-static.js";
import { isMissingText } from "../../choices/missing-text.js";
import { matchVlmEvalKit } from "../../choices/vlmevalkit.js";
import { meanCredit } from "../../scoring/mean-credit.js";
import type { Score, Scores, Share, Verdict } from "../../task.js";
import type { MmbenchTable } from "./load.js";
import { rowsByQuestion } from "./rotations.js";
import { groupOf, type MmbenchRow } from "./row.js";

/** All rotations of one question. */
export interface CircularVerdict extends Verdict {
  readonly rows: number;
  readonly rowsRight: number;
  /** Whether the first rotation is right. */
  readonly isFirstRight: boolean;
}

/** The published ways to read an answer without a language model as a judge, by the name of the rule. */
export const matchers = {
  vlmevalkit: matchVlmEvalKit,
  lmms_eval: matchLmmsEvalStatic,
} as const satisfies Readonly<Record<string, ChoiceMatcher>>;

/**
 * `circular`: a question is right where all of its rotations are. `first`: where its first row is (VLMEvalKit's vanilla
 * evaluation); the others are not asked.
 */
export type Evaluation = "circular" | "first";

/** One verdict a question, in the order of the file. An answer that no rule matches is wrong. */
export function judgeQuestions(
  { rows, pictures }: Pick<MmbenchTable, "rows" | "pictures">,
  answers: ReadonlyMap<string, string>,
  match: ChoiceMatcher,
): readonly CircularVerdict[] {
  return rowsByQuestion(rows).map((group) => {
    const right = group.map((row) => isRight(row, answers.get(String(row.index)), match));
    const [{ category, ability, index: first }] = group;
    return {
      questions: group.map(({ index }) => String(index)),
      credit: right.every(Boolean) ? 1 : 0,
      groups: [
        ...(ability === "" ? [] : [`ability/${ability}`]),
        ...(category === "" ? [] : [`category/${category}`]),
      ],
      cluster: pictures.get(first)?.name,
      rows: right.length,
      rowsRight: right.filter(Boolean).length,
      isFirstRight: right[group.findIndex(({ index }) => groupOf(index) === index)],
    };
  });
}

function isRight(row: MmbenchRow, answer: string | undefined, match: ChoiceMatcher): boolean {
  if (row.answer === undefined) {
    throw new PrumergeError("NO_LABELS", "this split has no public answers", {
      where: `${row.file}:${row.line}`,
      help: "Send the answers to MMBench's server, or score the development split.",
    });
  }
  const choices = new Map([...row.options].filter(([, text]) => !isMissingText(text)));
  return answer !== undefined && match(answer, choices) === row.answer;
}

/** The headline under the evaluation's name; circular ones also tell what the first rows and all rows would say. */
export function mmbenchScores(verdicts: readonly CircularVerdict[], evaluation: Evaluation): Scores {
  if (evaluation === "first") return meanCredit(verdicts, "first-rows");
  const { headline, scores } = meanCredit(verdicts, "circular");
  const sum = (of: (verdict: CircularVerdict) => number) =>
    verdicts.reduce((total, verdict) => total + of(verdict), 0);
  const rows = sum((verdict) => verdict.rows);
  const first = sum(({ isFirstRight }) => (isFirstRight ? 1 : 0));
  const others = [
    percent("first-rows", first, verdicts.length),
    percent(
      "rows",
      sum(({ rowsRight }) => rowsRight),
      rows,
    ),
  ];
  return { headline, scores: [headline, ...others, ...scores.slice(1)] };
}

/** What a score of {@link mmbenchScores} is made of. */
export function mmbenchShares(score: string): readonly Share<CircularVerdict>[] | undefined {
  if (score === "first-rows")
    return [{ points: 100, right: ({ isFirstRight }) => (isFirstRight ? 1 : 0), whole: () => 1 }];
  if (score === "rows")
    return [{ points: 100, right: ({ rowsRight }) => rowsRight, whole: ({ rows }) => rows }];
  return undefined; // mean credit
}

function percent(name: string, right: number, count: number): Score {
  return { name, value: count === 0 ? 0 : (100 * right) / count, unit: "percent", count };
}
