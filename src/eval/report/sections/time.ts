import { plotSvg } from "../../../view/plot-svg.js";
import { escapeText } from "../../../view/svg.js";
import { spendingParts, timeFigure } from "../figures/time-figure.js";
import type { ReportData, Spending } from "../report-data.js";
import { formatValue } from "../words.js";
import { table } from "./table.js";

/** Where the time goes, and what is held in memory, task by task. */
export async function timeSection({ tasks }: ReportData): Promise<string> {
  const parts: string[] = [];
  for (const { title, columns } of tasks) {
    const known = columns.flatMap(({ column, spending }) =>
      spending === undefined ? [] : [{ label: column.label, spending }],
    );
    if (known.length === 0) continue;
    const drawing = await plotSvg((plot) => timeFigure(plot, known), `${title}: where the time goes`);
    parts.push(
      `<figure><h3>${escapeText(title)}</h3>${drawing.svg}</figure><details><summary>${escapeText(title)}: numbers</summary>${numbers(known)}</details>`,
    );
  }
  if (parts.length === 0) return "";
  const swatches = spendingParts.map(
    ({ name, colour }) =>
      `<li><svg aria-hidden="true"><rect width="34" height="12" fill="${colour}"/></svg>${name}</li>`,
  );
  return `<section><h2>Time and memory</h2><p class="muted">Means over first questions about a picture, measured during the run on its machine: reading and preparing the picture, vision tower with reduction, prefill to the first token, the rest of the answer. Later questions about the same picture start from its keys and values.</p><ul class="legend">${swatches.join("")}</ul><div class="figures wide">${parts.map((part) => `<div>${part}</div>`).join("")}</div></section>`;
}

function numbers(columns: readonly { readonly label: string; readonly spending: Spending }[]): string {
  const rows = columns.map(({ label, spending }) => {
    const { prepare, encode, firstToken, rest, answersPerSecond, keyValueBytes, residentBytes } = spending;
    return [
      label,
      ...[prepare, encode, firstToken, rest].map(formatValue),
      answersPerSecond.toPrecision(3),
      (keyValueBytes / 1e6).toFixed(2),
      (residentBytes / 1e6).toFixed(0),
    ];
  });
  const head = ["", "picture ms", "encode ms", "first token ms", "rest ms", "answers/s"];
  return table("", [...head, "keys and values MB", "process MB"], rows);
}
