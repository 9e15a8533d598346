import { type Judgement, readJudgement } from "./judgement.js";
import type { Json } from "./literal-json.js";
import type { PythonError } from "./python-integer.js";

/** What the official programs print at their end. */
export interface JudgeTotals {
  readonly yes: number;
  readonly no: number;
  /** yes / (yes + no): what is neither leaves the denominator. */
  readonly accuracy: number;
  /** Sum of the scores as whole numbers, over all rows: also over those without one. */
  readonly averageScore: number;
}

const divisionByZero: PythonError = { type: "ZeroDivisionError", text: "division by zero" };

/**
 * Totals as Video-LLaVA's program prints them: a row that cannot be read was counted by then, so that it lowers the average score
 * and not the accuracy. An error where it has no yes and no no.
 */
export function videoLlavaTotals(rows: readonly Json[]): JudgeTotals | PythonError {
  return totalsOf(rows.map(readJudgement));
}

/**
 * Totals as Video-ChatGPT's program prints them: it ends with the first row that it cannot read, in the order in which the file
 * system lists its folder; here in the order of the rows.
 */
export function videoChatGptTotals(rows: readonly Json[]): JudgeTotals | PythonError {
  const judgements = rows.map(readJudgement);
  return judgements.find(({ error }) => error !== undefined)?.error ?? totalsOf(judgements);
}

function totalsOf(judgements: readonly Judgement[]): JudgeTotals | PythonError {
  const count = (which: string) => judgements.filter(({ verdict }) => verdict === which).length;
  const [yes, no] = [count("yes"), count("no")];
  if (yes + no === 0) return divisionByZero;
  const sum = judgements.reduce((total, { score = 0 }) => total + score, 0);
  return { yes, no, accuracy: yes / (yes + no), averageScore: sum / judgements.length };
}
