import { plotSvg } from "../../../view/plot-svg.js";
import { escapeText } from "../../../view/svg.js";
import type { SeriesStyle } from "../figures/series.js";
import { type TokenPoint, tokenFigure } from "../figures/token-figure.js";
import type { ReportData, ReportTask } from "../report-data.js";
import { questionWords } from "../words.js";
import { legend } from "./legend.js";

type Styles = ReadonlyMap<string, SeriesStyle>;

/** Score over visual tokens, a small multiple for each task. */
export async function accuracySection({ tasks }: ReportData, styles: Styles): Promise<string> {
  const figures: string[] = [];
  for (const task of tasks) {
    const points = task.columns.map(
      ({ column, visualTokens, headline }): TokenPoint => ({
        column,
        visualTokens,
        value: headline.value,
        interval: headline.interval,
      }),
    );
    figures.push(await figure(task, points, yLabel(task), styles, 345));
  }
  return `<section><h2>Score over visual tokens</h2>${legend(styles)}<div class="figures">${figures.join("")}</div></section>`;
}

function yLabel({ unit }: ReportTask): string {
  return unit === "points" ? "points" : unit === "ratio" ? "score" : "percent";
}

async function figure(
  task: ReportTask,
  points: readonly TokenPoint[],
  label: string,
  styles: Styles,
  width: number,
): Promise<string> {
  const drawing = await plotSvg(
    (plot) => tokenFigure(plot, points, { width, height: 250, label, styles }),
    `${task.title}: ${task.measure} over visual tokens`,
  );
  return `<figure><h3>${escapeText(task.title)}</h3>${drawing.svg}<figcaption>${escapeText(task.measure)}; ${questionWords(task)}</figcaption></figure>`;
}

/** What is kept of the unreduced model, mean over tasks. */
export async function retentionSection({ retention, tasks }: ReportData, styles: Styles): Promise<string> {
  if (!retention.some(({ value }) => Number.isFinite(value))) return "";
  const words = tasks.length === 1 ? "" : `, mean over ${tasks.length} tasks`;
  const drawing = await plotSvg(
    (plot) =>
      tokenFigure(plot, [...retention], {
        width: 420,
        height: 250,
        label: "percent of the unreduced score",
        level: 100,
        styles,
      }),
    "Percent of the unreduced model's score over visual tokens",
  );
  return `<section><h2>Kept of the unreduced model</h2><p class="muted">Each task's headline over that of the unreduced model, on the same questions${words}.</p><figure class="single">${drawing.svg}</figure></section>`;
}

/** Questions that hang on small things, apart from the others. */
export async function detailSection({ tasks }: ReportData, styles: Styles): Promise<string> {
  const known = tasks.filter(({ columns }) => columns.some(({ detail }) => detail !== undefined));
  if (known.length === 0) return "";
  const figures: string[] = [];
  for (const task of known) {
    const points = task.columns.flatMap(({ column, visualTokens, detail }) =>
      detail === undefined
        ? []
        : [
            { column, visualTokens, ...detail.small, facet: `on small things (${detail.small.count})` },
            { column, visualTokens, ...detail.other, facet: `the rest (${detail.other.count})` },
          ],
    );
    figures.push(await figure(task, points, "right, percent", styles, 540));
  }
  return `<section><h2>Questions of detail apart</h2><p class="muted">Share of right answers among the questions that the benchmark marks as hanging on something small in the picture, and among the others.</p><div class="figures wide">${figures.join("")}</div></section>`;
}
