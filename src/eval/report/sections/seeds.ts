import type { ReportData, Spread } from "../report-data.js";
import { formatTokens, formatValue } from "../words.js";
import { table } from "./table.js";

/** What several seeds gave: mean, standard deviation and range. */
export function seedsSection({ tasks }: ReportData): string {
  const rows = seedRows(tasks);
  if (rows.length === 0) return "";
  return `<section><h2>Over seeds</h2><p class="muted">Methods that draw at random, run with several seeds: mean, standard deviation (of a sample), lowest and highest. Intervals elsewhere are over pictures, not over seeds. Figures have the means.</p>${table("", [...seedHead], rows)}</section>`;
}

export const seedHead = ["", "task", "visual tokens", "seeds", "score", "% of unreduced"] as const;

/** Cells of {@link seedHead}. */
export function seedRows(tasks: ReportData["tasks"]): string[][] {
  return tasks.flatMap(({ title, seeds }) =>
    seeds.map(({ label, columns, visualTokens, headline, retention }) => [
      label,
      title,
      formatTokens(visualTokens),
      String(columns.length),
      formatSpread(headline),
      retention === undefined ? "-" : formatSpread(retention),
    ]),
  );
}

function formatSpread({ mean, deviation, low, high }: Spread): string {
  return `${formatValue(mean)} \u00b1 ${formatValue(deviation)} (${formatValue(low)} to ${formatValue(high)})`;
}
