import type { ReportData } from "./report-data.js";

const header = [
  "task",
  "rules",
  "model",
  "configuration",
  "method",
  "label",
  "mean_visual_tokens",
  "questions",
  "failed",
  "score",
  "unit",
  "value",
  "low",
  "high",
  "retention",
  "retention_low",
  "retention_high",
  "minus_random",
  "minus_random_low",
  "minus_random_high",
  "minus_uniform",
  "minus_uniform_low",
  "minus_uniform_high",
];

/** One row for each score of each column of each task; the comparisons stand in the headline's row. RFC 4180. */
export function renderCsv({ tasks }: ReportData): string {
  const rows = tasks.flatMap(({ name, rules, questions, columns }) =>
    columns.flatMap(({ column, visualTokens, failed, headline, scores, retention, differences }) => {
      const about = [
        name,
        rules.join(" "),
        column.model,
        column.configuration.name,
        column.configuration.method,
        column.label,
        visualTokens,
        questions,
        failed,
      ];
      const others = [headline, ...scores.filter((score) => score.name !== headline.name)];
      return others.map((score, index) => {
        const compared = index === 0 ? [retention, differences.random, differences.uniform] : [];
        const estimates = Array.from({ length: 3 }, (_, i) => compared[i]);
        return [
          ...about,
          score.name,
          score.unit,
          score.value,
          score.interval?.low,
          score.interval?.high,
          ...estimates.flatMap((one) => [one?.value, one?.interval?.low, one?.interval?.high]),
        ];
      });
    }),
  );
  return [header, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function cell(value: string | number | undefined): string {
  if (value === undefined || (typeof value === "number" && !Number.isFinite(value))) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
