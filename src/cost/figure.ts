import type * as Plot from "@observablehq/plot";
import type { CostQuestion } from "./comparison.js";
import { estimateCost } from "./estimate.js";
import { shownPicture } from "./shown-picture.js";

/** The stages of a first token, from the bottom of the figure to its top. */
const stages = ["vision tower", "reduction", "projector", "prefill"] as const;

/** Colours by name, as CSS gives them. */
export interface FigureColours {
  readonly stages: readonly [string, string, string, string];
  readonly ink: string;
}

/** Least time to the first token over all token counts, stage upon stage; `marked` counts are labelled. */
export function firstTokenFigure(
  plot: typeof Plot,
  request: CostQuestion,
  marked: readonly number[],
  colours: FigureColours,
): Plot.PlotOptions {
  const parts = counts(request).flatMap((visualTokens) => {
    const { tower, reduction, projector, prefill } = estimateCost({ ...request, visualTokens });
    return [tower, reduction, projector, prefill].map((stage, index) => ({
      visualTokens,
      stage: stages[index],
      milliseconds: 1000 * (stage?.seconds ?? 0),
    }));
  });
  const points = marked.map((visualTokens) => ({
    visualTokens,
    milliseconds: 1000 * estimateCost({ ...request, visualTokens }).firstTokenSeconds,
  }));
  return {
    width: 640,
    height: 300,
    marginLeft: 56,
    x: { label: "visual tokens", domain: [0, unreduced(request)] },
    y: { label: "least time to the first token, ms", grid: true },
    color: { domain: [...stages], range: [...colours.stages], legend: false },
    marks: [
      plot.areaY(parts, { x: "visualTokens", y: "milliseconds", fill: "stage", fillOpacity: 0.85 }),
      plot.dot(points, { x: "visualTokens", y: "milliseconds", fill: colours.ink, r: 3 }),
      plot.text(points, {
        x: "visualTokens",
        y: "milliseconds",
        text: ({ milliseconds }: (typeof points)[number]) => milliseconds.toPrecision(3),
        dy: -9,
        fill: colours.ink,
      }),
      ...stages.map((stage, index) =>
        plot.text([stage], {
          text: [stage],
          frameAnchor: "top-left",
          dx: 10,
          dy: 8 + 15 * (stages.length - 1 - index),
          fill: colours.stages[index],
          fontWeight: 600,
        }),
      ),
      plot.ruleY([0]),
    ],
  };
}

/** Keys and values of the visual tokens, over all token counts. */
export function keyValueFigure(
  plot: typeof Plot,
  request: CostQuestion,
  marked: readonly number[],
  colours: FigureColours,
): Plot.PlotOptions {
  const megabytes = (visualTokens: number) =>
    estimateCost({ ...request, visualTokens }).memory.visualKeyValueBytes / 1e6;
  const point = (visualTokens: number) => ({ visualTokens, megabytes: megabytes(visualTokens) });
  const points = marked.map(point);
  return {
    width: 640,
    height: 200,
    marginLeft: 56,
    x: { label: "visual tokens", domain: [0, unreduced(request)] },
    y: { label: "keys and values of the visual tokens, MB", grid: true },
    marks: [
      plot.line(counts(request).map(point), { x: "visualTokens", y: "megabytes", stroke: colours.stages[3] }),
      plot.dot(points, { x: "visualTokens", y: "megabytes", fill: colours.ink, r: 3 }),
      plot.text(points, {
        x: "visualTokens",
        y: "megabytes",
        text: (one: (typeof points)[number]) => one.megabytes.toPrecision(3),
        dy: -9,
        fill: colours.ink,
      }),
      plot.ruleY([0]),
    ],
  };
}

function unreduced({ model, picture }: Pick<CostQuestion, "model" | "picture">): number {
  return shownPicture(model, picture).unreducedTokens;
}

function counts(request: Pick<CostQuestion, "model" | "picture">): number[] {
  const patches = unreduced(request);
  const steps = Array.from({ length: 72 }, (_, step) => Math.max(1, Math.round((step * patches) / 72)));
  return [...new Set([...steps, patches - 1, patches])].filter((one) => one >= 1);
}
