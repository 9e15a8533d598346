import { seriesColour } from "../../../view/plot-svg.js";
import { baselines, type Column } from "../column.js";

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
  const preferred = { "prumerge+": 0, prumerge: 2 } as Readonly<Record<string, number>>;
  const spare = [1, 3, 4, 5, 6];
  for (const { series, configuration } of columns) {
    if (styles.has(series)) continue;
    const { method } = configuration;
    const taken = [...styles.values()].map(({ colour }) => colour);
    const wish = preferred[method];
    const free = [...(wish === undefined ? [] : [wish]), ...spare].map(seriesColour);
    const style = baselines.includes(method)
      ? { colour: "var(--muted)", dash: method === "random" ? "2 3" : "7 3" }
      : method === "none"
        ? { colour: "var(--ink)", dash: undefined }
        : { colour: free.find((colour) => !taken.includes(colour)) ?? free[0], dash: undefined };
    const symbol = method === "uniform" ? "square" : "circle";
    styles.set(series, { name: series, symbol, ...style });
  }
  return styles;
}
