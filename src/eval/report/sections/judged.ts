import { escapeText } from "../../../view/svg.js";
import type { JudgeTotals } from "../../judge/judge-totals.js";
import type { PythonError } from "../../judge/python-integer.js";
import { roundHalfEven } from "../../scoring/round-half-even.js";
import type { JudgedFigure, ReportData } from "../report-data.js";
import { formatEstimate } from "../words.js";
import { table } from "./table.js";

/** Above everything that a judge says. */
export const judgedTitle = "What a judge says: no official numbers";
export const judgedWords =
  "A language model compared these answers with the benchmark's. Published figures of this kind came from versions of gpt-3.5-turbo that are no longer served and differ among each other by 8 to 10 points: nothing here compares with them, and no score above has any of it.";

/** What judges say, apart from all scores; nothing where none was asked. */
export function judgedSection({ judged }: ReportData): string {
  if (judged.length === 0) return "";
  const who = judgesOf(judged).map((line) => `<li>${escapeText(line)}</li>`);
  return `<section><h2>${judgedTitle}</h2><p class="muted">${escapeText(judgedWords)}</p><ul class="notes">${who.join("")}</ul>${table("", [...judgedHead], judgedRows(judged))}</section>`;
}

/** A line for each judge: its name, address and protocol, and what its server calls it. */
export function judgesOf(judged: readonly JudgedFigure[]): readonly string[] {
  const lines = judged.map(({ summary: { judge } }) => {
    const own = judged.filter(({ summary }) => JSON.stringify(summary.judge) === JSON.stringify(judge));
    const served = [...new Set(own.flatMap(({ summary }) => summary.served))];
    const named = served.length === 0 ? "" : `, served as ${served.join(", ")}`;
    return `Judge: ${judge.model} at ${judge.url}${named}; protocol ${judge.protocol}`;
  });
  return [...new Set(lines)];
}

export const judgedHead = [
  "",
  "task",
  "judge",
  "accuracy, read as Video-LLaVA",
  "average score",
  "accuracy, read as lmms-eval",
  "judged",
  "without a reply",
  "not read",
] as const;

/** Cells of {@link judgedHead}. */
export function judgedRows(judged: readonly JudgedFigure[]): string[][] {
  return judged.map(({ task, column, answered, summary }) => {
    const { judge, strict, tolerant, answers, failed } = summary;
    return [
      column.label,
      task,
      judge.model,
      ...totals(strict.videoLlava, strict.interval),
      tolerant.accuracy === undefined ? "none" : (100 * tolerant.accuracy).toFixed(1),
      `${answers} of ${answered}`,
      String(failed),
      String(answers - failed - strict.read),
    ];
  });
}

/** Where the official program would end with an error, that error. */
function totals(
  result: JudgeTotals | PythonError,
  interval: JudgedFigure["summary"]["strict"]["interval"],
): [string, string] {
  if ("type" in result) return [`ends with ${result.type}`, "none"];
  const percent = interval && { ...interval, low: 100 * interval.low, high: 100 * interval.high };
  return [
    formatEstimate({ value: 100 * result.accuracy, interval: percent }),
    roundHalfEven(result.averageScore, 2),
  ];
}
