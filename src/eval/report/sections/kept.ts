import { plotSvg } from "../../../view/plot-svg.js";
import { escapeText } from "../../../view/svg.js";
import { complexityFigure, keptHistogram } from "../figures/kept-figure.js";
import type { SeriesStyle } from "../figures/series.js";
import type { KeptTokens, ReportData } from "../report-data.js";

/** How many visual tokens pictures get where the method chooses, and whether it looks at the picture for that. */
export async function keptSection(
  { kept }: ReportData,
  styles: ReadonlyMap<string, SeriesStyle>,
): Promise<string> {
  if (kept.length === 0) return "";
  const rows: string[] = [];
  for (const one of kept) {
    const { label, series } = one.column;
    const { colour } = styles.get(series)!;
    const histogram = await plotSvg(
      (plot) => keptHistogram(plot, one, colour),
      `${label}: pictures by their number of visual tokens`,
    );
    const figures = [
      `<figure><h3>${escapeText(label)}</h3>${histogram.svg}<figcaption>${spread(one)}</figcaption></figure>`,
    ];
    if (one.measured.length >= 3) {
      const scatter = await plotSvg(
        (plot) => complexityFigure(plot, one, colour),
        `${label}: visual tokens over the picture's complexity`,
      );
      figures.push(
        `<figure><h3>against complexity</h3>${scatter.svg}<figcaption>${correlation(one)}</figcaption></figure>`,
      );
    }
    rows.push(`<div class="figures two">${figures.join("")}</div>`);
  }
  return `<section><h2>Visual tokens where the method chooses their number</h2><p class="muted">Complexity is what the picture takes as JPEG (quality 75), in bits per pixel, scaled to 336 pixels on its shorter side: a measure that knows nothing of the model. Methods with an exact budget keep the same number of every picture.</p>${rows.join("")}</section>`;
}

function spread({ counts }: KeptTokens): string {
  const mean = counts.reduce((sum, one) => sum + one, 0) / counts.length;
  return `${counts.length} pictures: ${Math.min(...counts)} to ${Math.max(...counts)} tokens, mean ${mean.toFixed(1)}`;
}

function correlation({ correlation: rho, measured }: KeptTokens): string {
  if (rho === undefined) return `${measured.length} pictures; no correlation can be told`;
  return `Spearman's rank correlation ${rho.toFixed(2)} over ${measured.length} pictures`;
}
