import { escapeText } from "../../view/svg.js";
import { seriesStyles } from "./figures/series.js";
import { pageStyle } from "./page-style.js";
import type { ReportData } from "./report-data.js";
import { accuracySection, detailSection, retentionSection } from "./sections/accuracy.js";
import { commandsSection } from "./sections/commands.js";
import { differencesSection } from "./sections/differences.js";
import { judgedSection } from "./sections/judged.js";
import { keptSection } from "./sections/kept.js";
import { scoresSection } from "./sections/scores.js";
import { seedsSection } from "./sections/seeds.js";
import { timeSection } from "./sections/time.js";
import { intervalWords } from "./words.js";

/**
 * The report as one page that asks nothing of the network, runs no script, and forbids itself both. Readable in light, in dark and
 * on paper.
 */
export async function renderHtml(data: ReportData): Promise<string> {
  const { runs, tasks, notes } = data;
  const columns = tasks.flatMap((task) => task.columns.map(({ column }) => column));
  const styles = seriesStyles(columns);
  const models = [...new Set(runs.map(({ run }) => run.model.name))].join(", ");
  const title = `${models}: ${tasks.map((task) => task.title).join(", ")}`;
  const policy = `default-src 'none'; img-src data:; style-src '${await digest(pageStyle)}'; base-uri 'none'; form-action 'none'`;
  const warnings =
    notes.length === 0
      ? ""
      : `<ul class="notes">${notes.map((note) => `<li>${escapeText(note)}</li>`).join("")}</ul>`;
  const sections = [
    await accuracySection(data, styles),
    await retentionSection(data, styles),
    await detailSection(data, styles),
    scoresSection(data),
    seedsSection(data),
    judgedSection(data),
    await keptSection(data, styles),
    await timeSection(data),
    differencesSection(data),
    commandsSection(data),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<header><h1>What ${escapeText(models)} loses with fewer visual tokens</h1>
<p>${escapeText(tasks.map(({ title: name, questions }) => `${name} (${questions} questions)`).join(", "))}. ${intervalWords}</p></header>
${warnings}
${sections.join("\n")}
</main>
</body>
</html>
`;
}

async function digest(text: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return `sha256-${btoa(String.fromCharCode(...hash))}`;
}
