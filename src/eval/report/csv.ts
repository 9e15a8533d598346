import type { Column } from "./column.js";
import type { DifferenceEstimate, Estimate, ReportData } from "./report-data.js";

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
  "minus_unreduced",
  "minus_unreduced_low",
  "minus_unreduced_high",
  ...["unreduced", "random", "uniform"].flatMap((name) => [`minus_${name}_p`, `minus_${name}_p_holm`]),
  "seeds",
  "deviation",
];

/**
 * One row for each score of each column of each task; the comparisons stand in the headline's row, with their p-values as they are
 * and corrected by Holm's method. Then, for each column, the mean over tasks of what is kept of the unreduced model (task
 * `average`, score `retention`), and the means over seeds with their standard deviation. RFC 4180.
 */
export function renderCsv(data: ReportData): string {
  const rows = [...scoreRows(data), ...averageRows(data), ...seedRows(data)];
  return [header, ...rows.map((row) => header.map((name) => row[name]))]
    .map((row) => `${row.map(cell).join(",")}\r\n`)
    .join("");
}

type CsvRow = Readonly<Record<string, string | number | undefined>>;

function scoreRows({ tasks }: ReportData): CsvRow[] {
  return tasks.flatMap(({ name, rules, questions, columns }) =>
    columns.flatMap(({ column, visualTokens, failed, headline, scores, retention, differences }) => {
      const about = { task: name, rules: rules.join(" "), ...columnCells(column), questions, failed };
      const others = [headline, ...scores.filter((score) => score.name !== headline.name)];
      return others.map((score, index): CsvRow => {
        const { value, unit, interval } = score;
        const own = { score: score.name, unit, value, low: interval?.low, high: interval?.high };
        const row = { ...about, mean_visual_tokens: visualTokens, ...own };
        if (index > 0) return row;
        return {
          ...row,
          ...estimateCells("retention", retention),
          ...differenceCells("minus_unreduced", differences.none),
          ...differenceCells("minus_random", differences.random),
          ...differenceCells("minus_uniform", differences.uniform),
        };
      });
    }),
  );
}

function averageRows({ retention }: ReportData): CsvRow[] {
  return retention.map(({ column, visualTokens, value, interval }) => ({
    ...{ task: "average", ...columnCells(column), mean_visual_tokens: visualTokens },
    ...{ score: "retention", unit: "percent", value, low: interval?.low, high: interval?.high },
  }));
}

function seedRows({ tasks }: ReportData): CsvRow[] {
  return tasks.flatMap(({ name, rules, questions, unit, seeds }) =>
    seeds.map(({ label, columns, visualTokens, headline, retention }) => ({
      ...{ task: name, rules: rules.join(" "), ...columnCells(columns[0]!), questions },
      ...{ configuration: "", label, mean_visual_tokens: visualTokens },
      ...{ score: "mean over seeds", unit, value: headline.mean, low: headline.low, high: headline.high },
      ...{ retention: retention?.mean, retention_low: retention?.low, retention_high: retention?.high },
      ...{ seeds: columns.length, deviation: headline.deviation },
    })),
  );
}

function columnCells({ model, configuration, label }: Column): CsvRow {
  return { model, configuration: configuration.name, method: configuration.method, label };
}

function estimateCells(name: string, one: Estimate | undefined): CsvRow {
  return { [name]: one?.value, [`${name}_low`]: one?.interval?.low, [`${name}_high`]: one?.interval?.high };
}

function differenceCells(name: string, one: DifferenceEstimate | undefined): CsvRow {
  return { ...estimateCells(name, one), [`${name}_p`]: one?.p, [`${name}_p_holm`]: one?.corrected };
}

function cell(value: string | number | undefined): string {
  if (value === undefined || (typeof value === "number" && !Number.isFinite(value))) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
