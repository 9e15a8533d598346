import type { CostQuestion } from "./comparison.js";
import { firstTokenFigure, keyValueFigure } from "./figure.js";

/**
 * Time to the first token and keys and values over all counts of visual tokens, as one SVG file that asks for nothing else
 * and follows the reader's theme.
 *
 * @param marked counts that are labelled
 */
export async function costPlot(
  question: CostQuestion,
  marked: readonly number[],
  title: string,
): Promise<string> {
  const { plotFile, plotSvg, seriesColour } = await import("../view/plot-svg.js");
  const colours = {
    stages: [seriesColour(7), seriesColour(0), seriesColour(3), seriesColour(1)],
    ink: "var(--ink)",
  } as const;
  return plotFile(title, [
    await plotSvg(
      (plot) => firstTokenFigure(plot, question, marked, colours),
      "Least time to the first token over visual tokens, by stage",
    ),
    await plotSvg(
      (plot) => keyValueFigure(plot, question, marked, colours),
      "Keys and values of the visual tokens over their count",
    ),
  ]);
}
