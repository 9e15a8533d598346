import type { PlotOptions } from "@observablehq/plot";
import type { PlotModule } from "../../../view/plot-svg.js";
import type { KeptTokens } from "../report-data.js";

/** How many pictures got how many visual tokens. */
export function keptHistogram(plot: PlotModule, { counts }: KeptTokens, colour: string): PlotOptions {
  const most = Math.max(...counts);
  const least = Math.min(...counts);
  const thresholds = Math.min(30, Math.max(4, most - least));
  return {
    width: 360,
    height: 220,
    marginLeft: 46,
    x: { label: "visual tokens", nice: true },
    y: { label: "pictures", grid: true, ticks: 5 },
    marks: [
      plot.rectY(
        counts.map((tokens) => ({ tokens })),
        {
          ...plot.binX({ y: "count" }, { x: { value: "tokens", thresholds } }),
          fill: colour,
          fillOpacity: 0.85,
          inset: 0.5,
        },
      ),
      plot.ruleY([0]),
    ],
  };
}

/** Visual tokens against how much there is in the picture. */
export function complexityFigure(plot: PlotModule, { measured }: KeptTokens, colour: string): PlotOptions {
  return {
    width: 360,
    height: 220,
    marginLeft: 46,
    x: { label: "bits per pixel as JPEG", nice: true, ticks: 5 },
    y: { label: "visual tokens", grid: true, ticks: 5, zero: false },
    marks: [
      plot.dot(measured, { x: "complexity", y: "tokens", fill: colour, fillOpacity: 0.55, r: 2.5 }),
      ...(measured.length > 9
        ? [
            plot.linearRegressionY(measured, {
              x: "complexity",
              y: "tokens",
              stroke: "var(--ink)",
              ci: 0,
              strokeWidth: 1.2,
            }),
          ]
        : []),
    ],
  };
}
