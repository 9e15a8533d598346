import { plotFile, plotSvg } from "../../view/plot-svg.js";
import { seriesStyles } from "./figures/series.js";
import { tokenFigure } from "./figures/token-figure.js";
import type { ReportData } from "./report-data.js";
import { legendDrawing } from "./sections/legend.js";

/** A figure as a file. */
export interface FigureFile {
  /** `pope.svg`, `kept.svg`. */
  readonly name: string;
  readonly text: string;
}

/** Score over visual tokens of every task, and what is kept of the unreduced model, each an SVG file of its own with its legend. */
export async function figureFiles({ tasks, retention }: ReportData): Promise<readonly FigureFile[]> {
  const styles = seriesStyles(tasks.flatMap(({ columns }) => columns.map(({ column }) => column)));
  const files: FigureFile[] = [];
  for (const { name, title, measure, unit, columns, rules } of tasks) {
    const points = columns.map(({ column, visualTokens, headline }) => ({
      ...{ column, visualTokens, value: headline.value, interval: headline.interval },
    }));
    const label = unit === "points" ? "points" : unit === "ratio" ? "score" : "percent";
    const drawing = await plotSvg(
      (plot) => tokenFigure(plot, points, { width: 560, height: 330, label, styles }),
      `${title}: ${measure} over visual tokens`,
    );
    const file = [name, ...rules.map((rule) => rule.replaceAll(/[^a-zA-Z0-9.-]/g, "-"))].join("-");
    files.push({
      name: `${file}.svg`,
      text: plotFile(`${title}: ${measure}`, [drawing, legendDrawing(styles, drawing.width)]),
    });
  }
  const kept = retention.filter(({ value }) => Number.isFinite(value));
  if (kept.length === 0) return files;
  const drawing = await plotSvg(
    (plot) =>
      tokenFigure(plot, kept, {
        width: 560,
        height: 330,
        label: "percent of the unreduced score",
        level: 100,
        styles,
      }),
    "Percent of the unreduced model's score over visual tokens",
  );
  const text = plotFile("Kept of the unreduced model", [drawing, legendDrawing(styles, drawing.width)]);
  return [...files, { name: "kept.svg", text }];
}
