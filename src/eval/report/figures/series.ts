import { methods } from "../../../reduce/index.js";
import { seriesColour } from "../../../view/plot-svg.js";
import { baselines, type Column, isUnreduced } from "../column.js";

/** How the columns of one method are drawn in every figure of a report. */
export interface SeriesStyle {
  readonly name: string;
  readonly colour: string;
  /** SVG's stroke-dasharray; undefined for a whole line. */
  readonly dash: string | undefined;
  readonly symbol: "circle" | "square";
}

/**
 * One style for each series, in order: baselines in grey and dashed, so that methods stand out against what they have to
 * beat; the unreduced model in ink.
 */
export function seriesStyles(columns: readonly Column[]): ReadonlyMap<string, SeriesStyle> {
  const styles = new Map<string, SeriesStyle>();
  for (const column of columns) {
    const { series, configuration } = column;
    if (styles.has(series)) continue;
    const { method } = configuration;
    const entry = methods.find(({ name }) => name === method);
    const taken = [...styles.values()].map(({ colour }) => colour);
    // A method keeps its colour from report to report, whichever others are beside it.
    const wish = methods.filter(({ baseline }) => !baseline).findIndex(({ name }) => name === method);
    const free = [...(wish < 0 ? [] : [wish]), 0, 1, 2, 3, 4, 5, 6].map(seriesColour);
    const style = baselines.includes(method)
      ? { colour: "var(--muted)", dash: entry?.seeded ? "2 3" : "7 3" }
      : isUnreduced(column)
        ? { colour: "var(--ink)", dash: undefined }
        : { colour: free.find((colour) => !taken.includes(colour)) ?? free[0], dash: undefined };
    const symbol = entry?.baseline && !entry.seeded ? "square" : "circle";
    styles.set(series, { name: series, symbol, ...style });
  }
  return styles;
}
