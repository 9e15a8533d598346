import type { ScoreReport } from "../eval/score-answers.js";
import { roundHalfEven } from "../eval/scoring/round-half-even.js";
import type { ScoreInterval } from "../eval/statistics/score-intervals.js";
import { formatJudged } from "./judge-report.js";
import { formatTable, type Row } from "./table.js";

/** More sub-scores of one kind than this are left to `--json`. */
const mostOfAKind = 12;

/** Scores as a table: the headline first, percent and points with two decimals as the official scorers print them. */
export function formatScores(report: ScoreReport, width: number): string {
  const { title, measure, data, rules, questions, missing, headline, scores } = report;
  const chosen = Object.entries(rules).map(([name, value]) => `${name}=${value}`);
  const kinds = new Map<string, number>();
  for (const { name } of scores) kinds.set(kindOf(name), (kinds.get(kindOf(name)) ?? 0) + 1);
  const shown = scores.filter(
    ({ name }) => name !== headline.name && kinds.get(kindOf(name))! <= mostOfAKind,
  );
  const hidden = [...kinds].filter(([, count]) => count > mostOfAKind);
  const rows: Row[] = [
    ["score", "value", "95 % interval (Wilson)", "questions"],
    ...[headline, ...shown].map(scoreRow),
  ];
  return [
    `${title}: ${measure}`,
    `data: ${data}`,
    ...(chosen.length === 0 ? [] : [`rules: ${chosen.join(", ")}`]),
    `${questions - missing.length} of ${questions} questions answered${missingWords(report)}`,
    "",
    formatTable(rows, { width, right: [1, 2, 3] }) +
      hidden.map(([kind, count]) => `${kind}: ${count} more, see --json\n`).join(""),
    ...(report.judged === undefined ? [] : [formatJudged(report.judged, width)]),
  ].join("\n");
}

function missingWords({ questions, missing, counted }: ScoreReport): string {
  if (counted !== undefined) return `; only ${counted} count, ${questions - counted} are left out`;
  return missing.length === 0 ? "" : `; ${missing.length} missing, counted as wrong`;
}

function kindOf(name: string): string {
  const slash = name.indexOf("/");
  return slash < 0 ? "" : name.slice(0, slash);
}

function scoreRow({ name, value, unit, interval, count }: ScoreInterval): Row {
  const decimals = unit === "ratio" ? 4 : 2;
  const number = (one: number) => roundHalfEven(one, decimals);
  const range = interval === undefined ? "-" : `${number(interval.low)} to ${number(interval.high)}`;
  return [name, number(value) + (unit === "percent" ? " %" : ""), range, String(count)];
}
