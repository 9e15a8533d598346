import type { Rectangle } from "../image/index.js";
import { histogram } from "./histogram.js";
import type { Inspection } from "./inspection.js";
import { weight } from "./numbers.js";
import type { Palette } from "./palette.js";
import { logarithmicRange } from "./strength.js";
import { attentionName } from "./summary.js";
import { num } from "./svg.js";

const bins = 48;

/** The horizontal axis: natural logarithms of its ends, and where between them a value lies. */
export interface HistogramScale {
  readonly low: number;
  readonly high: number;
  /** 0 to 1. */
  share(value: number): number;
}

/** An axis that holds all values and the fence. */
export function histogramScale(values: Float32Array, fence: number): HistogramScale {
  const range = logarithmicRange(values);
  const edge = fence > 0 ? Math.log(fence) : range.low;
  const low = Math.min(range.low, edge);
  const high = Math.max(range.high, edge, low + 1e-3);
  const share = (value: number) =>
    value > 0 ? Math.min(1, Math.max(0, (Math.log(value) - low) / (high - low))) : 0;
  return { low, high, share };
}

/**
 * The patches' attention as a histogram on a logarithmic scale, with the interquartile range below it and the fence across;
 * an SVG fragment of the given area. Empty where no attention is known.
 */
export function histogramFigure(
  inspection: Inspection,
  area: Rectangle,
  palette: Palette,
  labels: boolean,
): string {
  const { shownLevels, outliers } = inspection;
  if (shownLevels === undefined || outliers === undefined) return "";
  const scale = histogramScale(shownLevels, outliers.fence);
  const x = (value: number) => area.x + scale.share(value) * area.width;
  const floor = area.y + area.height - (labels ? 34 : 14);
  const top = area.y + (labels ? 16 : 2);
  const bars = histogram(shownLevels, bins);
  const most = Math.max(...bars.map(({ count }) => count));
  const drawn = bars.map(({ from, to, count }) => {
    if (count === 0) return "";
    const width = Math.max(2, x(to) - x(from) - 1);
    const height = Math.max(1.5, (count / most) * (floor - top));
    const colour = Math.sqrt(from * to) > outliers.fence ? palette.outlier : palette.muted;
    const opacity = colour === palette.muted ? ".55" : "1";
    return `<rect x="${num(x(from))}" y="${num(floor - height)}" width="${num(width)}" height="${num(height)}" rx="1" fill="${colour}" fill-opacity="${opacity}"/>`;
  });
  return `<g>${drawn.join("")}${rangeMark(outliers, x, floor, palette)}${fenceMark(outliers.fence, x, { top, floor }, area, palette, labels ? attentionName(inspection) : undefined)}</g>`;
}

function rangeMark(
  outliers: NonNullable<Inspection["outliers"]>,
  x: (value: number) => number,
  floor: number,
  palette: Palette,
): string {
  const [from, to, fence] = [outliers.firstQuartile, outliers.thirdQuartile, outliers.fence].map(x);
  const y = floor + 7;
  const whisker = `<path d="M${num(to)} ${num(y)}H${num(fence)}M${num(fence)} ${num(y - 4)}v8" stroke="${palette.muted}" fill="none"/>`;
  return `${whisker}<rect x="${num(from)}" y="${num(y - 4)}" width="${num(Math.max(1, to - from))}" height="8" rx="2" fill="${palette.muted}" fill-opacity=".35" stroke="${palette.muted}"/>`;
}

function fenceMark(
  fence: number,
  x: (value: number) => number,
  { top, floor }: { readonly top: number; readonly floor: number },
  area: Rectangle,
  palette: Palette,
  name: string | undefined,
): string {
  const at = x(fence);
  const line = `<path d="M${num(at)} ${num(top - 4)}V${num(floor)}" stroke="${palette.fence}" stroke-width="1.5" stroke-dasharray="4 3"/>`;
  if (name === undefined) return line;
  const anchor = at > area.x + area.width * 0.6 ? "end" : "start";
  const height = `<text x="${num(at + (anchor === "end" ? -6 : 6))}" y="${num(top + 4)}" text-anchor="${anchor}" font-size="11" fill="${palette.fence}">fence ${weight(fence)}</text>`;
  const caption = `<text x="${num(area.x)}" y="${num(area.y + area.height - 2)}" font-size="11" fill="${palette.muted}">${name} per patch (logarithmic), middle half boxed</text>`;
  return line + height + caption;
}
