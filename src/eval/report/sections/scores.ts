import { methods } from "../../../reduce/index.js";
import { escapeText } from "../../../view/svg.js";
import type { DifferenceEstimate, ReportData, ReportTask } from "../report-data.js";
import { formatDifference, formatEstimate, formatTokens, isClear, pWords, questionWords } from "../words.js";
import { figureCell, table } from "./table.js";

/** What every column is set against: the unreduced model, and the baselines. */
const compared = [
  ...methods
    .filter(({ budgets }) => budgets.includes("all"))
    .map(({ name }) => ({ name, words: "unreduced" })),
  ...methods.filter(({ baseline }) => baseline).map(({ name }) => ({ name, words: name })),
];

/** All scores as tables; differences whose interval leaves out 0 are bold. */
export function scoresSection({ tasks, comparisons }: ReportData): string {
  return `<section><h2>Scores</h2><p class="muted">With 95 % intervals. Differences are paired: both columns on the same pictures; bold where the interval leaves out 0. ${pWords(comparisons)}</p>${tasks.map(taskTable).join("")}</section>`;
}

function taskTable(task: ReportTask): string {
  const { columns, title, measure, rules, unit } = task;
  const measured = unit === "points" ? "points" : unit === "ratio" ? "score" : "%";
  const difference = (estimate: DifferenceEstimate | undefined) =>
    figureCell(formatDifference(estimate), estimate !== undefined && isClear(estimate));
  const rows = columns.map(({ column, visualTokens, headline, retention, differences }) => [
    column.label,
    formatTokens(visualTokens),
    figureCell(formatEstimate(headline)),
    figureCell(formatEstimate(retention)),
    ...compared.map(({ name }) => difference(differences[name])),
  ]);
  const caption = [title, measure, questionWords(task), ...rules].join("; ");
  return (
    table(
      caption,
      ["", "visual tokens", measured, "% of unreduced", ...compared.map(({ words }) => `less ${words}`)],
      rows,
    ) + parts(task)
  );
}

/** Sub-scores, folded away. */
function parts({ columns, title }: ReportTask): string {
  const [first] = columns;
  const names = first.scores.filter(({ name }) => name !== first.headline.name);
  if (names.length === 0) return "";
  const rows = names.map(({ name, count }) => [
    `${name} (${count})`,
    ...columns.map(({ scores }) => {
      const score = scores.find((one) => one.name === name);
      return figureCell(formatEstimate(score && { value: score.value, interval: score.interval }));
    }),
  ]);
  return `<details><summary>${escapeText(title)}: ${names.length} sub-scores</summary>${table("", ["", ...columns.map(({ column }) => column.label)], rows)}</details>`;
}
