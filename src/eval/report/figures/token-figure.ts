import type { PlotOptions } from "@observablehq/plot";
import type { PlotModule } from "../../../view/plot-svg.js";
import { type Column, isUnreduced } from "../column.js";
import type { Estimate } from "../report-data.js";
import type { SeriesStyle } from "./series.js";

/** A value over visual tokens, of one column. */
export interface TokenPoint extends Estimate {
  readonly column: Column;
  readonly visualTokens: number;
  /** Facet, where the figure has several. */
  readonly facet?: string;
}

export interface TokenFigureOptions {
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly styles: ReadonlyMap<string, SeriesStyle>;
  /** A level to compare with, where the unreduced model is no point of its own. */
  readonly level?: number;
}

interface Mark extends TokenPoint {
  /** Where it is drawn: beside the others of its count. */
  readonly x: number;
  readonly low: number;
  readonly high: number;
  readonly title: string;
}

/**
 * Values over visual tokens, on a logarithmic scale: a line for each method through its exact budgets, a hollow mark at the mean
 * count where the method chose it, the unreduced model as a level with its interval as a band. Bars are 95 % intervals.
 */
export function tokenFigure(
  plot: PlotModule,
  points: readonly TokenPoint[],
  options: TokenFigureOptions,
): PlotOptions {
  const { width, height, label, styles, level } = options;
  const names = [...styles.keys()];
  // Against an unreduced score of 0 nothing can be told.
  const finite = points.filter(({ value }) => Number.isFinite(value));
  const marks = overSeeds(finite).map((point) => toMark(point, names));
  const reduced = marks.filter(({ column }) => !isUnreduced(column));
  const unreduced = marks.filter(({ column }) => isUnreduced(column));
  const exact = reduced.filter(isExact).sort((a, b) => a.visualTokens - b.visualTokens);
  const adaptive = reduced.filter((mark) => !isExact(mark));
  const counts = reduced.map(({ visualTokens }) => visualTokens);
  const [least, most] = [Math.min(...counts, 64), Math.max(...counts, 64)];
  const faceted = points.some(({ facet }) => facet !== undefined) ? { fx: "facet" } : {};
  const bars = { x: "x", y1: "low", y2: "high", strokeWidth: 1.2, strokeOpacity: 0.55, ...faceted };
  return {
    width,
    height,
    marginLeft: 46,
    marginBottom: 36,
    x: {
      type: "log",
      label: "visual tokens",
      domain: [least / 1.25, most * 1.25],
      ticks: tickCounts(exact, least, most),
      tickFormat: (count: number) => String(count),
    },
    y: { label, grid: true, nice: true, ticks: 5, domain: valueRange(marks, level) },
    ...(points.some(({ facet }) => facet !== undefined) && { fx: { label: null, padding: 0.12 } }),
    marks: [
      ...(level === undefined ? [] : [plot.ruleY([level], { stroke: "var(--ink)" })]),
      ...unreduced.flatMap((mark) => [
        plot.rect([mark], {
          x1: least / 1.25,
          x2: most * 1.25,
          y1: "low",
          y2: "high",
          fill: "var(--ink)",
          fillOpacity: 0.07,
          ...faceted,
        }),
        plot.ruleY([mark], { y: "value", stroke: "var(--ink)", title: "title", ...faceted }),
      ]),
      ...names.flatMap((name) => {
        const { colour, dash, symbol } = styles.get(name)!;
        const mine = (all: readonly Mark[]) => all.filter(({ column }) => column.series === name);
        const line = { x: "x", y: "value", stroke: colour, ...faceted };
        return [
          plot.ruleX(mine(reduced), { ...bars, stroke: colour }),
          plot.line(mine(exact), {
            ...line,
            strokeWidth: 1.8,
            ...(dash !== undefined && { strokeDasharray: dash }),
          }),
          plot.dot(mine(exact), {
            x: "x",
            y: "value",
            fill: colour,
            symbol,
            r: 3,
            title: "title",
            ...faceted,
          }),
          plot.dot(mine(adaptive), {
            ...line,
            fill: "var(--paper)",
            strokeWidth: 2,
            r: 4.5,
            symbol: "diamond",
            title: "title",
          }),
        ];
      }),
    ],
  };
}

/** Points of several seeds as one: value and ends of the interval are means. */
function overSeeds(points: readonly TokenPoint[]): readonly TokenPoint[] {
  const groups = new Map<string, TokenPoint[]>();
  for (const point of points) {
    const key = JSON.stringify([point.column.seedless?.key ?? point.column.key, point.facet]);
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group;
    if (group.length === 1) return first!;
    const mean = (of: (one: TokenPoint) => number) =>
      group.reduce((sum, one) => sum + of(one), 0) / group.length;
    const { column, interval } = first!;
    const label = `${column.seedless?.label ?? column.label}, mean of ${group.length} seeds`;
    return {
      ...first!,
      column: { ...column, label },
      visualTokens: mean(({ visualTokens }) => visualTokens),
      value: mean(({ value }) => value),
      interval: interval && {
        ...interval,
        low: mean((one) => one.interval?.low ?? one.value),
        high: mean((one) => one.interval?.high ?? one.value),
      },
    };
  });
}

function toMark(point: TokenPoint, names: readonly string[]): Mark {
  const { column, visualTokens, value, interval } = point;
  const place = names.indexOf(column.series) - (names.length - 1) / 2;
  const { low, high } = interval ?? { low: value, high: value };
  const title = `${column.label}: ${value.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)}) at ${visualTokens.toFixed(1)} tokens`;
  return { ...point, x: visualTokens * 1.012 ** place, low, high, title };
}

/** From the lowest bar to the highest; some room where all are one value. */
function valueRange(marks: readonly Mark[], level: number | undefined): [number, number] {
  const values = [...marks.flatMap(({ low, high }) => [low, high]), ...(level === undefined ? [] : [level])];
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  return high - low > 1e-6 ? [low, high] : [low - 1, high + 1];
}

function isExact({ column: { exact } }: Mark): boolean {
  return exact !== undefined;
}

function tickCounts(exact: readonly Mark[], least: number, most: number): number[] {
  const budgets: number[] = [];
  for (const { visualTokens } of exact) {
    const count = Math.round(visualTokens);
    if (count > (budgets.at(-1) ?? 0) * 1.2) budgets.push(count); // closer ones would overlap
  }
  const free = (count: number) => budgets.every((budget) => Math.abs(Math.log2(budget / count)) > 0.7);
  const inside = (count: number) => count >= least / 1.25 && count <= most * 1.25;
  const powers = [8, 16, 32, 64, 128, 256, 512].filter((count) => inside(count) && free(count));
  return [...budgets, ...powers].sort((a, b) => a - b);
}
