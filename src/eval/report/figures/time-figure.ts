import type { PlotOptions } from "@observablehq/plot";
import { type PlotModule, seriesColour } from "../../../view/plot-svg.js";
import type { Spending } from "../report-data.js";

/** What a first question's time goes to, in the order in which it is spent. */
export const spendingParts = [
  { name: "picture", of: (one: Spending) => one.prepare, colour: seriesColour(7) },
  { name: "encode", of: (one: Spending) => one.encode, colour: seriesColour(1) },
  { name: "first token", of: (one: Spending) => one.firstToken, colour: seriesColour(0) },
  { name: "rest of the answer", of: (one: Spending) => one.rest, colour: seriesColour(3) },
] as const;

/** Mean milliseconds of a first question about a picture, one bar a column. */
export function timeFigure(
  plot: PlotModule,
  columns: readonly { readonly label: string; readonly spending: Spending }[],
): PlotOptions {
  const parts = columns.flatMap(({ label, spending }) =>
    spendingParts.map(({ name, of }) => ({ label, part: name, milliseconds: of(spending) })),
  );
  const longest = Math.max(...columns.map(({ label }) => label.length));
  return {
    width: 540,
    height: 46 + 24 * columns.length,
    marginLeft: Math.min(200, 16 + 5.6 * longest),
    marginBottom: 34,
    x: { label: "milliseconds", grid: true },
    y: { label: null, domain: columns.map(({ label }) => label) },
    color: {
      domain: spendingParts.map(({ name }) => name),
      range: spendingParts.map(({ colour }) => colour),
    },
    marks: [
      plot.barX(parts, {
        x: "milliseconds",
        y: "label",
        fill: "part",
        insetTop: 2,
        insetBottom: 2,
        title: (one: (typeof parts)[number]) => `${one.part}: ${one.milliseconds.toFixed(1)} ms`,
      }),
      plot.ruleX([0]),
    ],
  };
}
